import { equalBytes, fromHex, toHex } from '../src/bytes.js'
import * as bridge from '../src/blocks/bridge.js'
import * as certificates from '../src/blocks/certificate.js'
import { areSignaturesValid } from '../src/blocks/areSignaturesValid.js'
import { decodeTransaction } from '../src/blocks/decodeTransaction.js'
import { delegateSetShape, delegatesHash, verifyDelegates } from '../src/blocks/delegates.js'
import { blockId, headerShape, receiptShape, receiptsRoot } from '../src/blocks/header.js'
import { advance, trustedHeaderShape } from '../src/blocks/lightClient.js'
import { parametersHash, parametersShape } from '../src/blocks/parameters.js'
import { stateProofShape, verifyState } from '../src/blocks/stateProof.js'
import { signTransaction } from '../src/blocks/signTransaction.js'
import { transactionShape } from '../src/blocks/transaction.js'
import { transactionProofShape, verifyTransaction } from '../src/blocks/transactionProof.js'
import { decodeAs } from '../src/codec/decodeAs.js'
import { encodeAs } from '../src/codec/encodeAs.js'
import { encodeValue } from '../src/codec/encodeValue.js'
import { bool, bytes, int, list, text, type Shape } from '../src/codec/shape.js'
import { decodeAddress, encodeAddress } from '../src/crypto/address.js'
import { hash160 } from '../src/crypto/hash160.js'
import { isSignatureValid, publicKeyOf, signHash, verifyKey } from '../src/crypto/keys.js'
import * as merkle from '../src/crypto/merkle.js'
import { accountOfScript, scriptShape, verifyScript } from '../src/crypto/script.js'
import { taggedHash, type Tag } from '../src/crypto/taggedHash.js'
import { BadPayload } from '../src/errors/ledger.js'
import { InvalidSignature, Malformed } from '../src/errors/protocol.js'
import { callPayload, callShape } from '../src/kinds/callPayload.js'
import { canonicalJson, type Json } from '../src/kinds/canonicalJson.js'
import { sendPayload, sendShape, type SendCall } from '../src/kinds/sendPayload.js'
import { transferPayload, transferShape } from '../src/kinds/transferPayload.js'
import { stateRoot } from './stateTree.js'
import { read, readValue, type Form } from './form.js'

export interface Outcome {
  readonly encoded?: string
  readonly hash?: string
}

type Operation = (form: Form) => Outcome

const hex = (form: Form, name: string): Uint8Array => fromHex(String(form[name]))
const hexes = (form: Form, name: string): Uint8Array[] => (form[name] as string[]).map(fromHex)
const transactionOf = (form: Form) => {
  const raw = new Uint8Array([...hex(form, 'bytes'), ...new Uint8Array(Number(form['zeros'] ?? 0))])
  return decodeTransaction(raw, hex(form, 'chain_id'))
}

/** The payload through the same function that wallets use. */
const payloadOf = (kind: string, form: unknown): Uint8Array => {
  if (kind === 'dapp.call') {
    const call = read(callShape, form)
    const parsed = JSON.parse(call.arguments) as Record<string, Json>
    return callPayload({ ...call, arguments: parsed }).payload
  }
  if (kind === 'account.transfer') return transferPayload(read(transferShape, form)).payload
  const { kind: sort, body, ...rest } = read(sendShape, form)
  // wallets cannot say these at all: the function takes a call instead of bytes
  if (sort !== 'TRANSFER' && sort !== 'CALL') throw new BadPayload({ field: 'kind' })
  if (sort === 'TRANSFER' && body.length > 0) throw new BadPayload({ field: 'body' })
  return sendPayload(sort === 'TRANSFER' ? rest : { ...rest, call: callOf(body) }).payload
}

const callOf = (body: Uint8Array): SendCall => {
  try {
    const { arguments: text, ...call } = decodeAs(bridge.callBodyShape, body)
    return { ...call, arguments: JSON.parse(text) as Record<string, Json> }
  } catch (error) {
    if (error instanceof Malformed) throw new BadPayload({ field: 'body' })
    throw error
  }
}

const decodeShape = (name: unknown, data: Uint8Array): Uint8Array => {
  const again = <T>(shape: Shape<T>): Uint8Array => encodeAs(shape, decodeAs(shape, data))
  switch (name) {
    case 'integer': return again(int)
    case 'bytes': return again(bytes)
    case 'text': return again(text)
    case 'bool': return again(bool)
    case 'integers': return again(list(int))
    case 'script': return again(scriptShape)
    case 'certificate': return again(certificates.certificateShape)
    case 'header': return again(headerShape)
    default: throw new Error(`unknown shape ${String(name)}`)
  }
}

export const operations: Readonly<Record<string, Operation>> = {
  encode_value: (form) => ({ encoded: toHex(encodeValue(readValue(form['value']))) }),
  decode_value: (form) => ({ encoded: toHex(decodeShape(form['shape'], hex(form, 'bytes'))) }),
  tagged_hash: (form) => ({ hash: toHex(taggedHash(form['tag'] as Tag, ...hexes(form, 'parts'))) }),
  hash160: (form) => ({ hash: toHex(hash160(hex(form, 'data'))) }),
  public_key: (form) => ({ encoded: toHex(publicKeyOf(hex(form, 'secret'))) }),
  verify_key: (form) => {
    verifyKey(hex(form, 'public'))
    return {}
  },
  sign: (form) => ({ encoded: toHex(signHash(hex(form, 'secret'), hex(form, 'message'))) }),
  verify_signature: (form) => {
    const [key, message, signature] = ['public', 'message', 'signature'].map((n) => hex(form, n))
    if (!isSignatureValid(key!, message!, signature!)) throw new InvalidSignature()
    return {}
  },
  account_of_script: (form) => {
    const script = read(scriptShape, form['script'])
    verifyScript(script)
    return { encoded: toHex(encodeAs(scriptShape, script)), hash: toHex(accountOfScript(script)) }
  },
  encode_address: (form) => ({
    encoded: encodeAddress(hex(form, 'account'), Number(form['version'])),
  }),
  decode_address: (form) => ({
    encoded: toHex(decodeAddress(String(form['address']), Number(form['version']))),
  }),
  merkle_root: (form) => ({ hash: toHex(merkle.merkleRoot(hexes(form, 'leaves'))) }),
  build_inclusion: (form) => {
    const proof = merkle.buildInclusion(hexes(form, 'leaves'), Number(form['index']))
    return { encoded: toHex(encodeAs(merkle.inclusionProofShape, proof)) }
  },
  verify_inclusion: (form) => {
    const proof = read(merkle.inclusionProofShape, form['proof'])
    merkle.verifyInclusion(hex(form, 'root'), hex(form, 'leaf'), proof)
    return {}
  },
  sign_transaction: (form) => {
    const unsigned = read(transactionShape, { ...(form['transaction'] as Form), witnesses: [] })
    const signed = signTransaction({
      transaction: unsigned,
      chainId: hex(form, 'chain_id'),
      secrets: hexes(form, 'secrets'),
      scripts: (form['scripts'] as unknown[]).map((script) => read(scriptShape, script)),
    })
    return { encoded: toHex(signed.raw), hash: toHex(signed.id) }
  },
  decode_transaction: (form) => {
    const signed = transactionOf(form)
    const again = encodeAs(transactionShape, signed.transaction)
    if (!equalBytes(again, signed.raw)) throw new Error('a decoded transaction must encode again')
    return { encoded: toHex(again), hash: toHex(signed.id) }
  },
  witness_hash: (form) => ({ hash: toHex(transactionOf(form).witnessHash) }),
  verify_transaction: (form) => {
    const signed = transactionOf(form)
    if (!areSignaturesValid(signed)) throw new InvalidSignature()
    return { hash: toHex(signed.id) }
  },
  encode_payload: (form) => ({ encoded: toHex(payloadOf(String(form['kind']), form['payload'])) }),
  canonical_json: (form) => {
    const text = canonicalJson(JSON.parse(String(form['json'])) as Json)
    return { encoded: toHex(new TextEncoder().encode(text)) }
  },
  state_root: (form) => {
    const entries = (form['entries'] as [string, string][]).map(([key, value]) => {
      return [fromHex(key), fromHex(value)] as const
    })
    return { hash: toHex(stateRoot(entries)) }
  },
  verify_state: (form) => {
    const value = form['value'] === null ? null : hex(form, 'value')
    const proof = read(stateProofShape, form['proof'])
    verifyState(hex(form, 'root'), hex(form, 'key'), value, proof)
    return {}
  },
  verify_transaction_proof: (form) => {
    const proof = read(transactionProofShape, form['proof'])
    const name = { id: hex(form, 'transaction_id'), witnessHash: hex(form, 'witness_hash') }
    verifyTransaction(read(headerShape, form['header']), name, proof)
    return {}
  },
  delegates_hash: (form) => {
    const delegates = read(delegateSetShape, form['delegates'])
    verifyDelegates(delegates)
    const encoded = toHex(encodeAs(delegateSetShape, delegates))
    return { encoded, hash: toHex(delegatesHash(delegates)) }
  },
  second_vote_hash: (form) => {
    const [height, round] = [BigInt(String(form['height'])), BigInt(String(form['round']))]
    const vote = { height, round, blockId: hex(form, 'block_id') }
    return { hash: toHex(certificates.secondVoteHash(hex(form, 'chain_id'), vote)) }
  },
  certificate_hash: (form) => {
    const certificate = read(certificates.certificateShape, form['certificate'])
    const encoded = toHex(encodeAs(certificates.certificateShape, certificate))
    return { encoded, hash: toHex(certificates.certificateHash(certificate)) }
  },
  verify_certificate: (form) => {
    const certificate = read(certificates.certificateShape, form['certificate'])
    const delegates = read(delegateSetShape, form['delegates'])
    certificates.verifyCertificate(certificate, delegates, hex(form, 'chain_id'))
    return {}
  },
  block_id: (form) => {
    const header = read(headerShape, form['header'])
    return { encoded: toHex(encodeAs(headerShape, header)), hash: toHex(blockId(header)) }
  },
  receipts_root: (form) => {
    const receipts = read(list(receiptShape), form['receipts'])
    return { hash: toHex(receiptsRoot(receipts)) }
  },
  parameters_hash: (form) => {
    const parameters = read(parametersShape, form['parameters'])
    const encoded = toHex(encodeAs(parametersShape, parameters))
    return { encoded, hash: toHex(parametersHash(parameters)) }
  },
  encode_message: (form) => {
    const message = read(bridge.messageShape, form['message'])
    return { encoded: toHex(encodeAs(bridge.messageShape, message)) }
  },
  encode_call_body: (form) => {
    const body = read(bridge.callBodyShape, form['body'])
    return { encoded: toHex(encodeAs(bridge.callBodyShape, body)) }
  },
  bridge_root: (form) => {
    const commitments = read(list(bridge.commitmentShape), form['commitments'])
    return { hash: toHex(bridge.bridgeRoot(commitments)) }
  },
  verify_commitment: (form) => {
    bridge.verifyCommitment(hex(form, 'root'), read(bridge.commitmentProofShape, form['proof']))
    return {}
  },
  chain_account: (form) => {
    const purpose = String(form['purpose'])
    const account = bridge.chainAccount(hex(form, 'chain_id'), purpose, hex(form, 'peer'))
    return { hash: toHex(account) }
  },
  advance: (form) => {
    const offered = {
      header: read(headerShape, form['header']),
      certificate: read(certificates.certificateShape, form['certificate']),
      delegates: read(delegateSetShape, form['delegates']),
    }
    const trusted = read(trustedHeaderShape, form['trusted'])
    const next = advance(trusted, offered, BigInt(String(form['now_ms'])))
    return { encoded: toHex(encodeAs(trustedHeaderShape, next)), hash: toHex(next.headerId) }
  },
}

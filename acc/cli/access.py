"""Which node a command talks to and which key it signs with."""

from dataclasses import dataclass
from pathlib import Path

from acc.devnet_file import DEVNET_FILE, DevnetFile, load_devnet
from acc.keystore import NAME_RULE, decrypt_key, keystore_path, load_keystore
from acc.passwords import get_password
from chain_engine.crypto.accounts import decode_address
from chain_engine.crypto.keys import SecretKey

DEFAULT_NODE = "http://127.0.0.1:8080"
DEFAULT_WALLET = Path("~/.acc/wallet")
DEFAULT_DEVNET = Path("devnet")
"""A devnet lying here is used when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the options of one command amount to."""

    url: str
    """The node's base URL."""

    wallet: Path
    """Folder of keystores."""

    password_file: Path | None
    """Password given, or the devnet's."""

    password_variable: str | None
    """Environment variable with the password."""

    devnet: DevnetFile | None
    """The devnet in use."""

    home: Path | None
    """The devnet's folder."""

    def open_key(self, name: str) -> SecretKey:
        """Open the key called `name`.

        Raises:
            KeystoreNotFound: there is none.
            WrongPassword: the password is another.
            PasswordMissing: no file, no variable, no terminal.
        """
        keystore = load_keystore(keystore_path(self.wallet, name))
        password = get_password(name, file=self.password_file, variable=self.password_variable)
        return decrypt_key(keystore, password)

    def address_of(self, text: str) -> str:
        """The address of an address, or of the name of a key in the wallet.

        Raises:
            InvalidAddress: neither.
        """
        # addresses have capitals and names have none, so a text is never both
        if NAME_RULE.fullmatch(text) and keystore_path(self.wallet, text).exists():
            return load_keystore(keystore_path(self.wallet, text)).address
        decode_address(text)
        return text

    def find_account(self, text: str) -> bytes:
        """The 20-byte account of an address, or of the name of a key in the wallet.

        Raises:
            InvalidAddress: neither.
        """
        return decode_address(self.address_of(text))


def resolve_access(
    *,
    node: str | None = None,
    devnet: Path | None = None,
    wallet: Path | None = None,
    password_file: Path | None = None,
    password_variable: str | None = None,
    own_keys: bool = False,
) -> Access:
    """Complete the options: a devnet lends its first node, wallet and password.

    `own_keys`: never the wallet of a devnet that merely lies here.

    Raises:
        DevnetNotFound: `devnet` is given and holds none.
    """
    home = devnet
    unsaid = node is None and wallet is None and not own_keys
    if home is None and unsaid and _has_devnet():
        home = DEFAULT_DEVNET
    if home is None:
        return Access(
            node or DEFAULT_NODE, (wallet or DEFAULT_WALLET).expanduser(),
            password_file, password_variable, None, None,
        )  # fmt: skip
    file = load_devnet(home)
    mine = wallet is None and password_file is None and password_variable is None
    return Access(
        url=node or file.nodes[0].url,
        wallet=wallet or home / file.wallet,
        password_file=home / file.password_file if mine else password_file,
        password_variable=password_variable,
        devnet=file,
        home=home,
    )


def _has_devnet() -> bool:
    return (DEFAULT_DEVNET / DEVNET_FILE).is_file()

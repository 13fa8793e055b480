"""Headers, blocks, certificates, transactions, delegate sets and the light client."""

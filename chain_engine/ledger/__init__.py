"""Rules shared by every chain: accounts, balances, fees, bridge transitions."""

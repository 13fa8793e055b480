"""Keys, signatures, addresses, witnesses and Merkle trees."""

"""Transactions waiting for a block: pure admission, selection and eviction."""

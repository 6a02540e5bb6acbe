"""Who sees what is not theirs: nobody. Tried by machine on every route of the contract."""

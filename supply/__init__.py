"""What comes from others: are its pins known to be bad, what may be done with it, and does a secret lie about."""

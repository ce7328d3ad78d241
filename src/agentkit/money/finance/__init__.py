"""What a business does with amounts: shares, rates, tax, reconciliation, a ledger, and the processor of them all."""

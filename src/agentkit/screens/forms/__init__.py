"""Forms: what has to be filled in, out of a JSON Schema.

schema -> making -> fields -> filling -> what widgets hold -> reading -> JSON, or faults by field
"""

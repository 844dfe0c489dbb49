"""Programs for those who change engram: ``same_bits`` compares what two commits compute."""

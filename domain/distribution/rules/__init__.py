"""The pure part of distribution: amounts, bindings, states and tax, without database or clock."""

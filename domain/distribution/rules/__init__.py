"""Pure rules of distribution: commission, binding, states."""

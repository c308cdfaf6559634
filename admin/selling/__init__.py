"""分销: distributors, commission, withdrawals, payees, brakes, rules, levels."""

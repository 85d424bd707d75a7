"""What hookcli signs and checks, beside the vendors' own libraries."""

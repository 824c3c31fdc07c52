"""Subscription rules: periods, prices, proration and due charges."""

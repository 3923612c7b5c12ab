"""What both APIs share: who asks, money as JSON, and the one translation of a refusal."""

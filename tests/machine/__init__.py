"""The life of pieces, driven at random beside a model of it that fits on two pages."""

"""What there is: levels and their moves, allotments and their numbered pieces, holds and the line.

Promises that nothing is ever handed out twice, whoever asks and whoever dies.
Must not know carts, orders or payments.
"""

"""The packing desk: what to pack, one parcel on the table, slips, and money back.

Promises that a stale page or a second press is told what happened, and changes nothing.
Must not know whether a live show sold it.
"""

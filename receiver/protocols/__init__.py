"""Wire code, pure: bytes to values and values to bytes.

dc09_framing  bytes -> envelopes         SIA DC-09: LF, CRC, length ... CR
dc09_frame    envelope -> frame          its header, data, extended data and timestamp
dc09_cipher   AES-CBC of the data
dc09_reply    frame -> ACK, NAK, DUH
sia_dcs       data -> events             SIA DC-03
contact_id    data -> event              SIA DC-05

relayed       what hardware receivers say, whichever of these they speak
lines         bytes -> lines that end with one control character
surgard       line -> reports            Sur-Gard MLR2, System III, System 5
ademco685     line -> reports            Ademco 685
d6500         line -> reports            Bosch D6500
dc07          envelope -> report         SIA DC-07
"""

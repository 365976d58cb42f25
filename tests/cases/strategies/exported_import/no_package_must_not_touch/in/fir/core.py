from fir import SIZE

"""Broken builds by class: small repositories made on the spot, healed by the command, judged by what files say.

    python -m bench.ciclasses [--class NAME]... [--sample N] [--budget SECONDS] [--keep]

At least twelve cases a class, each broken in another way. A case is healed when
the command ends with 0 and every file says what it has to; a patch that
was offered as proven and leaves a file otherwise is wrong.
"""

"""Setting rules: what a section of settings is, which names and values there may be.

In: sections and their values as they were written. Out: nothing, or a WrongSetting that names what is wrong.
"""

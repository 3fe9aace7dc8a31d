"""The nineteen items of the guide's production checklist. What cannot be found out is `unknown`, with how to
find it out: an `ok` here is never a guess."""

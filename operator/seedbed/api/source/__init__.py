"""Reads a model's source text before it is stored, and says what is wrong with it, line by line.

Called with what a language model wrote, so that its one further turn gets sentences instead of a failed run.
Nothing here runs the text, and nothing here is a defence: who means harm finds a way around every rule below.
What the code may do is decided where it runs, in the train child.

    finding     what is wrong, where        imports     modules that may be imported
    syntax      text to tree                interface   the functions that must be there
    check       all rules, in their order   toplevel    what runs when the text is loaded
                                            forbidden   names that can't be meant well
                                            undefined   names that nothing defines
"""

from seedbed.api.source.check import check
from seedbed.api.source.finding import Finding

__all__ = ["Finding", "check"]

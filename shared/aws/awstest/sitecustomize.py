"""Read by the interpreter that runs moto, before moto.

For each event that moto's EventBridge hands to a target it parses eight JSON paths, and
the library builds the tables of its grammar anew for each: a fifth of a second of
processor time for each event. The same paths are parsed once here.
"""

import functools

try:
    import jsonpath_ng.ext
except ImportError:  # another Python program, or another moto
    pass
else:
    jsonpath_ng.ext.parse = functools.cache(jsonpath_ng.ext.parse)

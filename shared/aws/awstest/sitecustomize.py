"""Read by the interpreter that runs moto, before moto.

What moto does anew for each request is most of its work, and done once here; its answers
stay the same. For each event that its EventBridge hands to a target it parses eight JSON
paths, and the library builds the tables of its grammar anew for each: a fifth of a second
of processor time for each event. For each request it looks through its folders for the
names of its services, and writes a line.
"""

import functools

try:
    import jsonpath_ng.ext
    import moto.backends
    from werkzeug.serving import WSGIRequestHandler
except ImportError:  # another Python program, or another moto
    pass
else:
    jsonpath_ng.ext.parse = functools.cache(jsonpath_ng.ext.parse)
    services = moto.backends.list_of_moto_modules
    moto.backends.list_of_moto_modules = functools.cache(lambda: list(services()))
    WSGIRequestHandler.log_request = lambda *_: None

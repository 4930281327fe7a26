"""Prints a SAM template as CloudFormation sees it after the transform, as JSON.

It uses dependencies of cfn-lint: its YAML reader and AWS's own translator.
"""

import json
import os
import sys

from cfnlint.decode.cfn_yaml import load
from samtranslator.translator.transform import transform


class ManagedPolicies:
    """The template uses no managed policies."""

    def load(self):
        return {}


os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
template = json.loads(json.dumps(load(sys.argv[1])))
# Packaging puts the code into a bucket before the transform.
template["Globals"]["Function"]["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
parameters = {name: p.get("Default", "given") for name, p in template["Parameters"].items()}
print(json.dumps(transform(template, parameters, ManagedPolicies())))

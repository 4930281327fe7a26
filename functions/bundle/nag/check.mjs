// Checks template.yaml by the packs AwsSolutions and Serverless of cdk-nag, and whether the
// CDK can include it as it is:
//
//	python3 ../template/expand.py ../../../template.yaml | node check.mjs ../../../template.yaml
//
// Each finding is mended, or answered here; an answer that no finding needs is an error, too.

import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'

/** By rule and resource, why a finding is none. */
const answers = {
  'AwsSolutions-SMG4': {
    DigestKey: 'Digests of changes under way and ClientTokens of requests that may be repeated are made with it, and nothing outside of the stack has it.',
  },
  'Serverless-SQSRedrivePolicy': each(['DeadLetterQueue', 'ConfirmDeadLetterQueue', 'FailedEventQueue'],
    'It is the dead-letter queue of others; people and alarms look at it.'),
  'Serverless-LambdaDLQ': {
    IngestFunction: 'Its failure destination takes what fails of asynchronous invocations, with the reason, which a dead-letter target lacks.',
    ...each(['ApplyFunction', 'ConfirmFunction'], 'Only a queue invokes it, never asynchronously, and that queue has a dead-letter queue.'),
    RotateFunction: 'What it does is in the secret and in the ledger: Secrets Manager repeats a step, the schedule comes again, and an event that is followed takes AWSCURRENT.',
  },
  'Serverless-LambdaEventSourceMappingDestination': each(['EventQueueMapping', 'ChangeQueueMapping', 'ConfirmQueueMapping'],
    'Lambda has failure destinations for streams only; a queue has its RedrivePolicy.'),
  'Serverless-LambdaTracing': each(['IngestFunction', 'ApplyFunction', 'ConfirmFunction', 'RotateFunction'],
    'The parameter Tracing says so, since traces have a price.'),
}

function each(names, answer) {
  return Object.fromEntries(names.map(name => [name, answer]))
}

const app = new App({ analyticsReporting: false })

/** Includes a template under a name, as far as the CDK writes it again, and returns its path among the constructs. */
function include(name, templateFile) {
  const stack = new Stack(app, name)
  new CfnInclude(stack, 'template', { templateFile })
  stack.resolve(stack._toCloudFormation())
  return `${name}/template/`
}

const folder = mkdtempSync(join(tmpdir(), 'nag-'))
const problems = []
let needed = 0
try {
  include('source', process.argv[2])
  const file = join(folder, 'expanded.json')
  writeFileSync(file, readFileSync(0))
  const path = include('expanded', file)
  const open = structuredClone(answers)
  for (const pack of [new AwsSolutionsChecks(app), new ServerlessChecks(app)]) {
    for (const { ruleName, description, violatingResources } of pack.validateScope(app).violations) {
      for (const { constructPath } of violatingResources) {
        if (!constructPath.startsWith(path)) continue // SAM's own types
        const resource = constructPath.slice(path.length)
        needed++
        if (!answers[ruleName]?.[resource]) problems.push(`${ruleName} ${resource}: ${description}`)
        delete open[ruleName]?.[resource]
      }
    }
  }
  for (const [rule, resources] of Object.entries(open)) {
    for (const resource of Object.keys(resources)) problems.push(`${rule} ${resource}: it is answered, but not found`)
  }
} catch (error) {
  problems.push(error.message)
} finally {
  rmSync(folder, { recursive: true })
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log(`template.yaml: ${needed} findings of cdk-nag, all answered; the CDK can include it`)

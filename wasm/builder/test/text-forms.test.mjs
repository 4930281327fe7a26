// This file tests that a change is read from commands and Terraform files, in node.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')
const source = JSON.parse(execFileSync('go', ['run', './wasm/generate', 'tables'], { cwd: root, maxBuffer: 1 << 26 }))
const dir = mkdtempSync(join(tmpdir(), 'text-forms-'))
after(() => rmSync(dir, { recursive: true }))
await build({
  entryPoints: [join(here, '../src/text-forms.ts')], bundle: true, format: 'esm', outfile: join(dir, 'text-forms.mjs'), external: ['./samples'],
  define: { TABLES: JSON.stringify({ parameters: source.core.parameters }) },
})
const { readTextForm, shellCommands } = await import(join(dir, 'text-forms.mjs'))

const snippets = join(root, 'shared/core/snippet/testdata')
const read = name => readFileSync(join(snippets, name), 'utf8')
const changeOf = text => JSON.parse(readTextForm(text).text)

/** The change without what a form does not have, and without what is empty then. */
function without(change, ...names) {
  const copy = structuredClone(change)
  const drop = object => {
    for (const name of names) delete object[name]
    for (const [name, inner] of Object.entries(object)) {
      if (inner && typeof inner === 'object') drop(inner)
      if (inner && typeof inner === 'object' && Object.keys(inner).length === 0) delete object[name]
    }
  }
  drop(copy)
  return copy
}

/** Numbers and booleans within nested objects as texts, as some forms have them. */
const asTexts = value => (value && typeof value === 'object' ? (Array.isArray(value) ? value.map(asTexts) : Object.fromEntries(Object.entries(value).map(([k, v]) => [k, asTexts(v)]))) : String(value))

for (const name of ['single', 'dual']) {
  const change = JSON.parse(read(`${name}.json`))
  const hidden = ['ClientToken', 'RemoteCaCert', 'AutoConfigRoute', 'ResourceOwnerId', 'OwnerAccount', 'ResourceOwnerAccount', 'NetworkType', 'Role']
  for (const form of ['curl', 'aliyun', 'terraform']) {
    test(`${form} of a ${name} change gives the change back`, () => {
      const lost = form === 'terraform' ? hidden : []
      const got = readTextForm(read(`${name}/${form}.txt`))
      assert.deepEqual(got.unread, [])
      assert.deepEqual(asTexts(without(JSON.parse(got.text), 'ClientToken', ...lost)), asTexts(without(change, 'ClientToken', ...lost)))
    })
    test(`${form} of a ${name} change without keys says which are not read`, () => {
      const text = read(`${name}-redacted/${form}.txt`)
      const got = readTextForm(text)
      assert.doesNotMatch(got.text, /Psk|\ue000/)
      assert.deepEqual(asTexts(without(JSON.parse(got.text), 'ClientToken', 'Psk')), asTexts(without(change, 'ClientToken', 'Psk', ...(form === 'terraform' ? hidden : []))))
      assert.equal(got.unread.length, name === 'single' ? 1 : 2)
      for (const note of got.unread) {
        const [, line] = /^line (\d+): .*psk/i.exec(note)
        assert.match(text.split('\n').slice(line - 1).join('\n'), form === 'terraform' ? /^ +psk / : /^[^]{0,200}\$VPN_PSK/)
      }
    })
  }
}

test('commands as people write them', () => {
  const want = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', IkeConfig: { Psk: "it's" }, EnableDpd: true }
  for (const text of [
    `$ aliyun vpc ModifyVpnAttachmentAttribute --RegionId cn-hangzhou --VpnConnectionId=vco-1 --IkeConfig '{"Psk":"it'\\''s"}' --EnableDpd true`,
    `# rotate\naliyun  vpc ModifyVpnAttachmentAttribute \\\n --region cn-hangzhou --profile p \\\n --VpnConnectionId "vco-1" --IkeConfig "{\\"Psk\\":\\"it's\\"}" --EnableDpd true --force`,
    `curl -s -X POST "https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute&Version=2016-04-28&RegionId=cn-hangzhou&AccessKeyId=a&Signature=b%3D" -d VpnConnectionId=vco-1 --data 'EnableDpd=true&IkeConfig=%7B%22Psk%22%3A%22it%27s%22%7D'`,
    `echo; curl https://vpc.aliyuncs.com/ -H 'x-acs-action: ModifyVpnAttachmentAttribute' -d 'RegionId=cn-hangzhou&VpnConnectionId=vco-1&EnableDpd=true' --data-raw=$'IkeConfig={"Psk":"it\\'s"}'`,
  ]) {
    const got = readTextForm(text)
    assert.deepEqual(JSON.parse(got.text), want, text)
    assert.deepEqual(got.unread, [], text)
  }
  const event = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}`
  assert.equal(readTextForm(`curl -d '${event}' localhost:8080/events`).text, event)
})

test('commands as each shell has them', () => {
  const want = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', IkeConfig: { Psk: "it's & a+b%41" } }
  const json = JSON.stringify(want.IkeConfig)
  const command = (value, end = ' \\\n', name = 'aliyun') => `${name} vpc ModifyVpnAttachmentAttribute${end} --RegionId cn-hangzhou --VpnConnectionId vco-1${end} --IkeConfig ${value}`
  for (const text of [
    // bash
    command(`'${json.replaceAll("'", "'\\''")}'`),
    command(`"${json.replaceAll('"', '\\"')}"`),
    // cmd
    'C:\\Users\\me> ' + command(`"${json.replaceAll('"', '\\"')}"`, ' ^\r\n', 'aliyun.exe'),
    command(`"${json.replaceAll('"', '""')}"`, ' ^\r\n'),
    // PowerShell, the older one of which wants a backslash before each quote
    'PS C:\\> ' + command(`'${json.replaceAll("'", "''")}'`, ' `\r\n'),
    command(`'${json.replaceAll("'", "''").replaceAll('"', '\\"')}'`, ''),
    command('"' + json.replaceAll('"', '`"') + '"', ' `\n'),
    // the command line's plugin
    command(`'${json.replaceAll("'", "'\\''")}'`).replace('ModifyVpnAttachmentAttribute', 'modify-vpn-attachment-attribute').replace('--RegionId', '--biz-region-id').replace('--VpnConnectionId', '--vpn-connection-id').replace('--IkeConfig', '--ike-config'),
    // as a document has it
    `aliyun vpc ModifyVpnAttachmentAttribute –RegionId cn-hangzhou —VpnConnectionId vco-1\u00a0--IkeConfig “${json.replaceAll('"', '\\“')}”`.replaceAll('\\“', '\\”'),
    // curl
    `curl -G https://vpc.aliyuncs.com/ --data-urlencode Action=ModifyVpnAttachmentAttribute --url-query RegionId=cn-hangzhou -d VpnConnectionId=vco-1 --data-urlencode 'IkeConfig=${json.replaceAll("'", "'\\''")}'`,
    `curl ^"https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute^&RegionId=cn-hangzhou^" ^\r\n  -H ^"accept: */*^" ^\r\n  --data-raw ^"VpnConnectionId=vco-1^&IkeConfig=${encodeURIComponent(json)}^"`,
    `https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute&RegionId=cn-hangzhou&VpnConnectionId=vco-1&IkeConfig=${encodeURIComponent(json)}`,
  ]) {
    const got = readTextForm(text)
    assert.deepEqual([JSON.parse(got?.text ?? 'null'), got?.unread], [want, []], text)
  }
})

test('what commands send', () => {
  const event = { model: 'vpn', data: { id: 7 } }
  const json = JSON.stringify(event)
  for (const [text, name] of [
    [`curl --json '${json}' localhost:8080/webhooks/a`, 'a curl command'],
    [`curl -d @- localhost:8080/events <<'EOF'\n${json}\nEOF`, 'a curl command'],
    [`cat <<EOF | curl -s -d @- localhost:8080/events\n${json}\nEOF\n`, 'a curl command'],
    [`echo '${json}' | curl -d @- localhost:8080/events`, 'a curl command'],
    [`wget --post-data='${json}' localhost:8080/events`, 'a wget command'],
    [`Invoke-RestMethod -Method Post -Uri http://localhost:8080/events -Body '${json}'`, 'a PowerShell command'],
    [`aws sqs send-message --queue-url u --message-body '${json}'`, 'an aws command'],
  ]) {
    const got = readTextForm(text)
    assert.deepEqual([JSON.parse(got?.text ?? 'null'), got?.name, got?.sent, got?.unread], [event, name, true, []], text)
  }
  const sent = readTextForm(`aws events put-events --entries '[{"Source": "a", "DetailType": "b", "Detail": "{\\"VpnConnectionId\\": \\"vco-1\\"}"}, {}]'`)
  assert.deepEqual(JSON.parse(sent.text), { version: '0', 'detail-type': 'b', source: 'a', detail: { VpnConnectionId: 'vco-1' } })
  assert.deepEqual(sent.unread, ['line 1: 1 more entries'])
  assert.deepEqual(readTextForm('curl -d @- localhost <<EOF\n{"Name": "$NAME"}\nEOF').unread, ['line 1: a part is a variable'])
})

test('no part of a key is told as a name', () => {
  const got = readTextForm(`curl 'https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute' -d 'VpnConnectionId=vco-1&IkeConfig={"Psk":"first&Second9fK2&third=x"}'`)
  assert.doesNotMatch(JSON.stringify(got), /first|Second|third/)
  assert.equal(got.unread.length, 3)
})

test('a plan, and the state, of Terraform', () => {
  const plan = `  # alicloud_vpn_gateway_vpn_attachment.a will be updated in-place
  ~ resource "alicloud_vpn_gateway_vpn_attachment" "a" {
        id                  = "vco-1"
      ~ remote_subnet       = "10.0.0.0/8" -> "10.1.0.0/16"
      - vpn_attachment_name = "old" -> null
      ~ ike_config {
          ~ ike_lifetime = 86400 -> 28800
          ~ psk          = (sensitive value)
            # (8 unchanged attributes hidden)
        }
    }

Plan: 0 to add, 1 to change, 0 to destroy.`
  const got = readTextForm(plan)
  assert.deepEqual(JSON.parse(got.text), { VpnConnectionId: 'vco-1', RemoteSubnet: '10.1.0.0/16', IkeConfig: { IkeLifetime: 28800 } })
  assert.deepEqual(got.unread, ['line 8: ike_config.psk is not a plain value'])
})

test('flattened tunnels, and a text that is not JSON', () => {
  const got = readTextForm(`aliyun vpc ModifyVpnAttachmentAttribute --TunnelOptionsSpecification.2.TunnelIndex 2
    --X`.replace('\n', ' \\\n') + ` --IkeConfig '{"Psk":' --TunnelOptionsSpecification.2.TunnelIkeConfig.Psk "$(cat key)"`)
  assert.deepEqual(JSON.parse(got.text), { TunnelOptionsSpecification: [{ TunnelIndex: 2 }] })
  assert.deepEqual(got.unread, ['line 2: X has no value', 'line 2: IkeConfig is not JSON', 'line 2: TunnelOptionsSpecification.2.TunnelIkeConfig.Psk is a variable'.replace('TunnelOptionsSpecification.', 'item ')])
})

test('a resource as people write it', () => {
  const got = readTextForm(`
# the attachment of site A
resource "alicloud_vpn_gateway_vpn_attachment" "a" {
  count               = 1
  vpn_attachment_name = "site \\"a\\" \$\${x}" // name
  local_subnet        = var.local
  remote_subnet       = "10.0.0.0/8,10.1.0.0/16"
  tags = {
    "a" = "b"
  }
  bgp_config { enable = true }
  health_check_config {
    enable = true
    policy = "revoke_route"
  }
  ike_config {
    psk          = "\${var.psk}"
    ike_lifetime = 28800
    local_id     = <<-EOT
      id
      EOT
  }
  lifecycle {
    ignore_changes = [tags]
  }
}
resource "alicloud_vpn_gateway_vpn_attachment" "b" {}
`)
  assert.equal(got.name, 'a Terraform resource')
  assert.deepEqual(JSON.parse(got.text), {
    Name: 'site "a" ${x}', RemoteSubnet: '10.0.0.0/8,10.1.0.0/16', BgpConfig: { EnableBgp: true },
    HealthCheckConfig: { enable: true, Policy: 'revoke_route' }, IkeConfig: { IkeLifetime: 28800, LocalId: '      id' },
  })
  assert.deepEqual(got.unread, [
    'line 4: count is not a parameter', 'line 6: local_subnet is not a plain value', 'line 8: tags is not a parameter',
    'line 17: ike_config.psk is not a plain value', 'line 23: lifecycle is not a parameter', 'line 27: alicloud_vpn_gateway_vpn_attachment.b is another resource',
  ])
})

test('what is none of these forms is not read', () => {
  for (const text of ['', 'hello', '{"a": "curl aliyun"}', 'curl https://example.com/?a=b', 'aliyun vpc DescribeVpnConnection --RegionId a', 'resource "aws_vpn_connection" "a" {}', "curl '"]) {
    assert.equal(readTextForm(text), undefined, text)
  }
  assert.deepEqual(shellCommands(`a 'b' "c\\"d" e\\ f|g; h $(i j)k`).map(words => words.map(w => w.text)), [['a', 'b', 'c"d', 'e f'], ['g'], ['i', 'j'], ['h', '\ue000k']])
})

test('no text makes the reader fail or wait', () => {
  const pieces = ['curl ', 'aliyun ', 'ModifyVpnAttachmentAttribute ', "'", '"', '$(', ')', '${', '}', '`', '\\', '\n', '#', '--A.1.B ', '--__proto__.x 1 ', 'resource "alicloud_vpn_attachment" ', '{', '=', '[', ']', '<<EOT\n', '/*', '-d ', '?', '%', '&', 'a']
  let seed = 1
  const random = n => (seed = (seed * 48271) % 2147483647) % n
  for (let i = 0; i < 5000; i++) {
    const text = Array.from({ length: random(30) }, () => pieces[random(pieces.length)]).join('')
    const got = readTextForm(text)
    if (got && !got.name.includes('curl')) JSON.parse(got.text)
  }
  for (const query of ['__proto__.x=1', 'Name=a&Name.b=1', 'TunnelOptionsSpecification.4000000000.Psk=1', 'A.-1=2', '%00=1']) {
    const got = readTextForm(`curl 'https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute&${query}'`)
    assert.match(got.unread[0] ?? '', /^line 1: .* is not a parameter$/, query)
  }
  assert.equal({}.x, undefined)
  for (const [text, times] of [['$(', 100_000], ['"$(', 100_000], ["a'", 100_000], ['${', 100_000], ['a = [\n', 100_000], ['{\n', 100_000], ['<<a\n', 2_000], ['/*', 2_000], ['"', 100_000]]) {
    const start = process.cpuUsage().user
    readTextForm('curl ' + text.repeat(times))
    readTextForm('resource "alicloud_vpn_attachment" ' + text.repeat(times))
    const spent = (process.cpuUsage().user - start) / 1e6
    assert.ok(spent < 10, `${text} takes ${spent} s`)
  }
})

test('jsonencode and join of what is written out are read, and other calls told', () => {
  const got = readTextForm(`
resource "alicloud_vpn_gateway_vpn_attachment" "a" {
  local_subnet  = join(",", ["10.0.0.0/8", "10.1.0.0/16"])
  remote_subnet = join(",", var.remote)
  ike_config    = jsonencode({
    IkeVersion = "ikev2", "LocalId" : "a = {\\"b\\"}"
    IkeLifetime = 28800 # seconds
    Psk = "JoinTestKey2026"
  })
  bgp_config          = jsonencode({ EnableBgp = true, LocalAsn = var.asn })
  health_check_config = jsonencode(local.check)
  vpn_attachment_name = jsonencode(1.50)
  network_type        = upper("public")
}`)
  assert.deepEqual(JSON.parse(got.text), {
    LocalSubnet: '10.0.0.0/8,10.1.0.0/16', Name: '1.5', IkeConfig: { IkeVersion: 'ikev2', LocalId: 'a = {"b"}', IkeLifetime: 28800, Psk: 'JoinTestKey2026' },
  })
  assert.deepEqual(got.unread, [
    'line 4: remote_subnet is not a plain value', 'line 10: bgp_config is not a plain value',
    'line 11: health_check_config is not a plain value', 'line 13: network_type is not a plain value',
  ])
})

test('of a form and of files that curl sends it is told what is not read', () => {
  const got = readTextForm(`curl 'https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute&VpnConnectionId=vco-1' \\
    -F RegionId=cn-hangzhou -F 'IkeConfig={"Psk":"FormTestKey2026"}' \\
    --form-string Name=a -FEnableDpd=true -F 'a b=FormTestKey2026' -K more.conf -T change.json`)
  assert.deepEqual(JSON.parse(got.text), { VpnConnectionId: 'vco-1' })
  assert.deepEqual(got.unread, [
    'line 2: the form field RegionId', 'line 2: the form field IkeConfig', 'line 3: the form field Name', 'line 3: the form field EnableDpd',
    'line 3: the form field of an option -F', 'line 3: the option -K', 'line 3: the option -T',
  ])
  assert.deepEqual(readTextForm('curl https://vpc.aliyuncs.com/ -F VpnConnectionId=vco-1 -F Name=a'), { name: 'a curl command', text: '{}', unread: ['line 1: the form field VpnConnectionId', 'line 1: the form field Name'] })
  assert.deepEqual(readTextForm(`curl -K more.conf -d '{"model":"vpn"}' localhost:8080/events`).unread, ['line 1: the option -K'])
})

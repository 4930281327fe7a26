// The two official clients behind one interface: describe(id), modify(id, parameters) and
// call(action, parameters) resolve to the answer in the API's own names, or reject with an error that has a code.
import popCore from '@alicloud/pop-core';
import models from '@alicloud/vpc20160428';

const region = 'cn-hangzhou';

// Objects but tunnels are JSON text in this API.
function asText(parameters) {
  const text = {};
  for (const [name, value] of Object.entries(parameters)) {
    text[name] = typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : value;
  }
  return text;
}

// The generated client, signature V3.
function vpc({ endpoint, id, secret, token }) {
  const client = new models.default({
    accessKeyId: id, accessKeySecret: secret, securityToken: token || undefined,
    endpoint, protocol: 'http', regionId: region, noProxy: '127.0.0.1',
  });
  const lower = (name) => name[0].toLowerCase() + name.slice(1);
  const nested = 'ModifyVpnAttachmentAttributeRequestTunnelOptionsSpecification';
  const tunnel = (item) => new models[nested](Object.fromEntries(Object.entries(item).map(([name, value]) => [
    lower(name),
    typeof value === 'object' ? new models[nested + name](Object.fromEntries(Object.entries(value).map(([k, v]) => [lower(k), v]))) : value,
  ])));
  return {
    async call(action, parameters) {
      const request = `${action}Request`;
      const fields = { regionId: region };
      for (const [name, value] of Object.entries(parameters)) {
        fields[lower(name)] = name === 'Tag' ? value.map(({ Key, Value }) => new models[`${request}Tag`]({ key: Key, value: Value })) : value;
      }
      const answer = await client[lower(action)](new models[request](fields));
      return answer.body.toMap();
    },
    async describe(vpnConnectionId) {
      const answer = await client.describeVpnConnection(new models.DescribeVpnConnectionRequest({ regionId: region, vpnConnectionId }));
      return answer.body.toMap();
    },
    async modify(vpnConnectionId, parameters) {
      const fields = { regionId: region, vpnConnectionId };
      for (const [name, value] of Object.entries(asText(parameters))) {
        fields[lower(name)] = Array.isArray(value) ? value.map(tunnel) : value;
      }
      const answer = await client.modifyVpnAttachmentAttribute(new models.ModifyVpnAttachmentAttributeRequest(fields));
      return answer.body.toMap();
    },
  };
}

// The generic client, signature V1. It flattens lists, but not objects in their
// items, so those are written out: TunnelOptionsSpecification.1.TunnelIkeConfig.Psk.
function pop(method) {
  return ({ endpoint, id, secret, token }) => {
    const client = new popCore.RPCClient({
      accessKeyId: id, accessKeySecret: secret, securityToken: token || undefined,
      endpoint: `http://${endpoint}`, apiVersion: '2016-04-28',
    });
    const flat = (item) => Object.fromEntries(Object.entries(item).flatMap(([name, value]) =>
      typeof value === 'object' ? Object.entries(value).map(([k, v]) => [`${name}.${k}`, v]) : [[name, value]]));
    const request = (action, parameters) => client.request(action, { RegionId: region, ...parameters }, { method });
    return {
      call: request,
      describe: (VpnConnectionId) => request('DescribeVpnConnection', { VpnConnectionId }),
      modify(VpnConnectionId, parameters) {
        const fields = { VpnConnectionId };
        for (const [name, value] of Object.entries(asText(parameters))) {
          fields[name] = Array.isArray(value) ? value.map(flat) : value;
        }
        return request('ModifyVpnAttachmentAttribute', fields);
      },
    };
  };
}

export const clients = { vpc20160428: vpc, 'pop-core GET': pop('GET'), 'pop-core POST': pop('POST') };

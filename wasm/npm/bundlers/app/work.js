// What page and worker do alike.
import { init, validate } from "vpnattach";

export async function work(source) {
  await init(source);
  const { findings } = validate({ RegionId: "cn-hangzhou", VpnConnectionId: "vco-localsingle", RemoteSubnet: "10.0.0.0/99" });
  return findings.map((finding) => finding.rule).join();
}

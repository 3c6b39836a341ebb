//! The node: containerd, kubelet, kube-proxy, and names for the pods.

use std::time::Duration;

use crate::api::Api;
use crate::error::Result;
use crate::folders::ClusterFolder;
use crate::image::{self, Image};
use crate::interrupt;
use crate::network::{DOMAIN, NODE, PODS};
use crate::program::{Program, Running};
use crate::sandbox::{Sandbox, cgroup, make_cgroups};

const LIMIT: Duration = Duration::from_secs(60);

/// The node's name.
pub const NODE_NAME: &str = "testbed";

/// Starts what doesn't need the API server, and waits until images can be loaded.
pub(crate) fn start_runtime(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    folder.write("containerd.toml", containerd())?;
    folder.write("cni/10-pods.conflist", pod_network())?;
    start_names(sandbox, folder)?;
    let containerd = Program::new("containerd", "containerd")
        .args(["--config=/run/containerd.toml", "--log-level=warn"])
        .start(sandbox, folder)?;
    containerd.wait("containerd", LIMIT, || {
        let mut version = sandbox.inside("ctr");
        version.arg("version");
        interrupt::run(&mut version, "ask containerd").map(drop).map_err(|error| error.to_string())
    })?;
    load(sandbox, folder, &image::pause(&folder.join("pause"))?)
}

/// Starts what joins the node to the cluster.
pub(crate) fn start(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    make_cgroups(sandbox.name())?;
    folder.write("kubelet.yaml", kubelet(sandbox.name()))?;
    folder.write("proxy.yaml", proxy())?;
    Program::new("kubelet", "kubelet")
        .args([
            "--config=/run/kubelet.yaml".to_owned(),
            "--kubeconfig=/run/certificates/kubelet.kubeconfig".to_owned(),
            format!("--hostname-override={NODE_NAME}"),
            format!("--node-ip={NODE}"),
        ])
        .start(sandbox, folder)?;
    Program::new("kube-proxy", "kube-proxy")
        .args(["--config=/run/proxy.yaml".to_owned(), format!("--hostname-override={NODE_NAME}")])
        .start(sandbox, folder)?;
    Ok(())
}

/// Waits until pods can run and reach Services.
pub(crate) fn wait(sandbox: &Sandbox, folder: &ClusterFolder, api: &Api) -> Result<()> {
    let path = format!("/api/v1/nodes/{NODE_NAME}");
    Running::find("kubelet", sandbox, folder).wait("the node", LIMIT, || api.is_ready(&path))?;
    // kube-proxy has written its rules when it calls itself healthy.
    Running::find("kube-proxy", sandbox, folder).wait_for_port(10256, LIMIT)
}

/// Gives an image to the node, unless it has it.
pub(crate) fn load(sandbox: &Sandbox, folder: &ClusterFolder, image: &Image) -> Result<()> {
    // The name tells the contents, so an image of that name is this one.
    let mut list = sandbox.inside("ctr");
    list.args(["--namespace=k8s.io", "images", "list", "--quiet", &format!("name=={}", image.name())]);
    if !interrupt::run(&mut list, "list the node's images")?.stdout.is_empty() {
        return Ok(());
    }
    let file = format!("images/{}.tar", image.digest());
    folder.make("images")?;
    image.write(&folder.join(&file))?;
    let mut import = sandbox.inside("ctr");
    import.args(["--namespace=k8s.io", "images", "import", &format!("/run/{file}")]);
    interrupt::run(&mut import, &format!("load the image {}", image.name()))?;
    let archive = folder.join(&file);
    std::fs::remove_file(&archive).map_err(crate::TestbedError::file("remove", &archive))
}

/// dnsmasq knows one domain and denies every other name at once.
fn start_names(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    Program::new("dnsmasq", "dnsmasq")
        .args([
            "--keep-in-foreground".to_owned(),
            "--conf-file=/dev/null".to_owned(),
            "--user=root".to_owned(),
            "--pid-file".to_owned(),
            "--no-resolv".to_owned(),
            "--no-hosts".to_owned(),
            "--bind-interfaces".to_owned(),
            format!("--listen-address={NODE}"),
            format!("--address=/{DOMAIN}/{NODE}"),
            "--address=/#/".to_owned(),
            "--log-facility=-".to_owned(),
        ])
        .start(sandbox, folder)?;
    Ok(())
}

/// `restrict_oom_score_adj`: where CAP_SYS_RESOURCE is lacking, no pod's sandbox would start without it.
fn containerd() -> String {
    let pause = image::PAUSE;
    format!(
        r#"version = 2
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt",
]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/cni"
"#
    )
}

/// `ptp` routes every packet through the node, so that kube-proxy's rules see all of them.
fn pod_network() -> String {
    format!(
        r#"{{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {{
      "type": "ptp",
      "ipam": {{
        "type": "host-local",
        "ranges": [[{{"subnet": "{PODS}"}}]],
        "routes": [{{"dst": "0.0.0.0/0"}}]
      }}
    }},
    {{"type": "portmap", "capabilities": {{"portMappings": true}}}}
  ]
}}
"#
    )
}

/// The disk belongs to the machine, not to the node: what fills it must not evict pods.
fn kubelet(name: &str) -> String {
    let cgroup = cgroup(name);
    format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupRoot: {cgroup}
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
evictionHard:
  memory.available: 50Mi
  nodefs.available: 1%
  nodefs.inodesFree: 1%
  imagefs.available: 1%
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
maxPods: 500
kubeAPIQPS: 500
kubeAPIBurst: 1000
clusterDNS: [{NODE}]
clusterDomain: cluster.local
resolvConf: \"\"
address: {NODE}
healthzBindAddress: 127.0.0.1
tlsCertFile: /run/certificates/server.crt
tlsPrivateKeyFile: /run/certificates/server.key
authentication:
  x509: {{clientCAFile: /run/certificates/ca.crt}}
  anonymous: {{enabled: false}}
  webhook: {{enabled: true}}
authorization: {{mode: Webhook}}
"
    )
}

fn proxy() -> String {
    format!(
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clusterCIDR: {PODS}
clientConnection: {{kubeconfig: /run/certificates/proxy.kubeconfig}}
conntrack: {{maxPerCore: 0}}
nftables: {{minSyncPeriod: 100ms}}
"
    )
}

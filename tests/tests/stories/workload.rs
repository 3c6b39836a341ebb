//! A workload that knows nothing of the connector.

use std::fs;

use sc_tests::world;

#[test]
fn a_workload_reads_a_real_database_through_its_environment() {
    let world = world();
    let (shop, server) = (world.namespace("workload"), world.postgres());
    let request = format!(
        "connection create postgres-flexible orders --host {} --port {} --database {} --user {} --password-stdin --client-type python --require-valid \
         --ca-certificate {}",
        server.host,
        server.port,
        server.database,
        server.username,
        world.services_ca()
    );
    shop.sc(&request).stdin(&server.password).succeeds().says("Sign-in").says("Connection `orders` is ready");
    let authority = fs::read_to_string(&server.ca).unwrap();
    shop.kubectl("create configmap authority").arg(format!("--from-literal=ca.crt={authority}")).succeeds();

    let job = format!(
        "
apiVersion: batch/v1
kind: Job
metadata: {{name: sc-sample-job}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: sample
          image: {}
          args: [sample-job]
          envFrom: [{{secretRef: {{name: sc-orders-secret}}}}]
          env: [{{name: PGSSLROOTCERT, value: /authority/ca.crt}}]
          volumeMounts: [{{name: authority, mountPath: /authority, readOnly: true}}]
          securityContext: {{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}
      volumes: [{{name: authority, configMap: {{name: authority}}}}]
",
        world.image()
    );
    shop.apply(job).succeeds();
    let waited = shop.kubectl("wait --for=condition=Complete job/sc-sample-job --timeout=60s").run();

    let log = shop.kubectl("logs job/sc-sample-job").succeeds();
    assert_eq!(waited.code, Some(0), "{log}");
    log.says(&format!("signed in as {} to database {}", server.username, server.database))
        .says("wrote and read back 2 orders: tea, coffee");
    assert!(!log.everything().contains(&server.password), "{log}");
}

//! A connection that is put into workloads: `sc connection create … --workload deployment/web`, and taken out again.

use std::fs;

use sc_tests::{Call, Place, eventually, world};
use serde_json::{Value, json};

const CLIENT: &str = "0f3a5c5e-1111-2222-3333-444455556666";
const OTHER_CLIENT: &str = "1f3a5c5e-1111-2222-3333-444455556666";
const TENANT: &str = "9b8a7c6d-aaaa-bbbb-cccc-ddddeeeeffff";

/// A Deployment that runs no pods: what it says is enough. Its containers don't stand in the order of their names.
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: prepare, image: example.invalid/web}]
      containers:
        - {name: web, image: example.invalid/web}
        - {name: helper, image: example.invalid/helper}
";

/// The same where the container `web` has an `envFrom` of its own.
fn web_with_settings() -> String {
    let settings =
        "envFrom: [{configMapRef: {name: settings, optional: true}}, {prefix: X_, secretRef: {name: extra}}]";
    WEB.replace(
        "{name: web, image: example.invalid/web}",
        &format!("{{name: web, image: example.invalid/web, {settings}}}"),
    )
}

fn settings() -> [Value; 2] {
    [
        json!({"configMapRef": {"name": "settings", "optional": true}}),
        json!({"prefix": "X_", "secretRef": {"name": "extra"}}),
    ]
}

fn secret(name: &str) -> Value {
    json!({"secretRef": {"name": name}})
}

/// The connection with a password.
fn create(shop: &Place, name: &str, options: &str) -> Call {
    shop.create(name).args(options)
}

/// The connection by workload identity.
fn create_as(shop: &Place, client: &str, name: &str, options: &str) -> Call {
    let identity = format!("--workload-identity {client} --tenant-id {TENANT}");
    let server = "--host db.example --database shop --user app --no-validate";
    shop.sc(&format!("connection create postgres-flexible {name} {server} {identity} {options}"))
}

fn delete(shop: &Place, name: &str) -> Call {
    shop.sc(&format!("connection delete {name} --yes"))
}

fn template(shop: &Place, workload: &str) -> Value {
    let object = shop.get(workload).unwrap_or_else(|| panic!("{shop} has no {workload}"));
    match object["kind"].as_str() {
        Some("CronJob") => object["spec"]["jobTemplate"]["spec"]["template"].clone(),
        _ => object["spec"]["template"].clone(),
    }
}

/// The containers' names in their order, each with what is in its `envFrom`.
fn lists(shop: &Place, workload: &str) -> Vec<(String, Vec<Value>)> {
    let template = template(shop, workload);
    let containers = template["spec"]["containers"].as_array().unwrap();
    let list = |container: &Value| {
        let entries = container["envFrom"].as_array().cloned().unwrap_or_default();
        (container["name"].as_str().unwrap().to_owned(), entries)
    };
    containers.iter().map(list).collect()
}

fn lists_are(shop: &Place, web: &[Value], helper: &[Value]) {
    let expected = vec![("web".to_owned(), web.to_vec()), ("helper".to_owned(), helper.to_vec())];
    assert_eq!(lists(shop, "deployment/web"), expected);
}

/// The field managers of an object.
fn managers(shop: &Place, object: &str) -> Vec<String> {
    let names =
        entries(shop, object).into_iter().filter_map(|entry| entry["manager"].as_str().map(str::to_owned));
    names.collect()
}

fn entries(shop: &Place, object: &str) -> Vec<Value> {
    let found = shop.kubectl(format!("get {object} -o json --show-managed-fields")).succeeds().json();
    found["metadata"]["managedFields"].as_array().cloned().unwrap_or_default()
}

/// What would change if anything were written to a workload by others than its controller: that one writes its status
/// when it likes, and with it the `resourceVersion`.
fn written(shop: &Place, workload: &str) -> (Value, Vec<Value>) {
    let owned = entries(shop, workload).into_iter().filter(|entry| entry["subresource"] != "status");
    (shop.get(workload).unwrap()["metadata"]["generation"].clone(), owned.collect())
}

#[test]
fn a_deployment_rolls_out_with_the_connection_and_its_pods_read_the_database() {
    let world = world();
    let (shop, server) = (world.namespace("bind"), world.postgres());
    let authority = fs::read_to_string(&server.ca).unwrap();
    shop.kubectl("create configmap authority").arg(format!("--from-literal=ca.crt={authority}")).succeeds();
    shop.apply(format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: sample
          image: {}
          args: [sample-job]
          env: [{{name: PGSSLROOTCERT, value: /authority/ca.crt}}]
          volumeMounts: [{{name: authority, mountPath: /authority, readOnly: true}}]
          securityContext: {{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}
      volumes: [{{name: authority, configMap: {{name: authority}}}}]
",
        world.image()
    ))
    .succeeds();

    let request = format!(
        "connection create postgres-flexible orders --host {} --port {} --database {} --user {} --password-stdin --client-type python \
         --require-valid --ca-certificate {} --workload deploy/web",
        server.host,
        server.port,
        server.database,
        server.username,
        world.services_ca()
    );
    shop.sc(&request)
        .stdin(&server.password)
        .succeeds()
        .says("Connection `orders` is ready and in deployment/web");

    eventually("a pod of the Deployment has read the database", || {
        let log = shop.kubectl("logs --selector app=web --tail=-1 --ignore-errors").run();
        log.stdout.contains("wrote and read back 2 orders: tea, coffee").then_some(())
    });
}

#[test]
fn every_container_reads_the_secret_and_deleting_takes_it_out_again() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let before = template(&shop, "deployment/web");

    create(&shop, "orders", "--workload deployment/web").succeeds();

    let list = [secret("sc-orders-secret")];
    lists_are(&shop, &list, &list);
    let bound = template(&shop, "deployment/web");
    assert_eq!(bound["spec"]["initContainers"], before["spec"]["initContainers"]);
    assert_eq!(bound["spec"].get("serviceAccountName"), None, "a password needs no account");
    let shown = shop.sc("connection show orders -o json").succeeds().json();
    assert_eq!(shown["workloads"], json!(["deployment/web"]));
    shop.sc("connection show orders").succeeds().says("deployment/web");

    let deleted = delete(&shop, "orders").succeeds();

    deleted.says("It is out of deployment/web").says("Its Secret `sc-orders-secret` stays");
    assert_eq!(template(&shop, "deployment/web"), before);
    assert!(!managers(&shop, "deployment/web").contains(&"sc-workload".to_owned()));
    assert!(shop.find_secret("sc-orders-secret").is_some());
}

#[test]
fn a_dry_run_shows_what_would_be_added_and_the_same_command_again_has_nothing_to_do() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    create(&shop, "orders", "--workload deployment/web --dry-run")
        .succeeds()
        .says("+ Workload")
        .says("add `envFrom: [{secretRef: {name: sc-orders-secret}}]` to containers `web`, `helper`");
    lists_are(&shop, &[], &[]);
    assert_eq!(shop.get("serviceconnection/orders"), None);

    create(&shop, "orders", "--workload deployment/web").succeeds();
    let before = written(&shop, "deployment/web");
    for options in ["--workload deployment/web", "--workload deploy/web", ""] {
        create(&shop, "orders", options).succeeds().says("= Workload").says("Nothing to do");
    }
    assert_eq!(written(&shop, "deployment/web"), before);
}

#[test]
fn only_one_container_reads_the_secret_where_it_is_named() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    create(&shop, "orders", "--workload deployment/web --container sidecar")
        .fails_with(2)
        .says("it has `web`, `helper`");
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");
    create(&shop, "orders", "--workload deployment/web --container helper").succeeds();

    lists_are(&shop, &[], &[secret("sc-orders-secret")]);
    shop.sc("connection update orders --host db2.example --no-validate").succeeds();
    lists_are(&shop, &[], &[secret("sc-orders-secret")]);
}

#[test]
fn a_list_of_somebody_else_is_taken_over_only_by_force_and_given_back_as_it_was() {
    let shop = world().namespace("bind");
    shop.apply(web_with_settings()).succeeds();
    let before = template(&shop, "deployment/web");

    let refused = create(&shop, "orders", "--workload deployment/web").fails_with(4);
    refused
        .says("`envFrom` of container `web` belongs to `kubectl-client-side-apply`")
        .says("- secretRef: {name: sc-orders-secret}")
        .says("--force-conflicts")
        .says("code:   FieldConflict");
    assert_eq!(template(&shop, "deployment/web"), before);
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");

    create(&shop, "orders", "--workload deployment/web --force-conflicts").succeeds();
    let [map, prefixed] = settings();
    lists_are(&shop, &[map, prefixed, secret("sc-orders-secret")], &[secret("sc-orders-secret")]);

    delete(&shop, "orders").succeeds();
    assert_eq!(template(&shop, "deployment/web"), before);
    assert!(
        !managers(&shop, "deployment/web").contains(&"sc-workload".to_owned()),
        "its owner may change it again"
    );
}

#[test]
fn the_owner_of_a_list_that_was_taken_over_can_change_it_after_the_delete() {
    let shop = world().namespace("bind");
    let apply = |yaml: &str| shop.kubectl("apply --server-side --field-manager gitops -f -").stdin(yaml);
    apply(&web_with_settings()).succeeds();
    create(&shop, "orders", "--workload deployment/web --force-conflicts").succeeds();
    apply(&web_with_settings()).fails().says("sc-workload");

    delete(&shop, "orders").succeeds();

    apply(&web_with_settings().replace("name: settings,", "name: other,")).succeeds();
    assert_eq!(lists(&shop, "deployment/web")[0].1[0]["configMapRef"]["name"], "other");
}

#[test]
fn lines_that_somebody_added_by_hand_are_theirs() {
    let shop = world().namespace("bind");
    let by_hand = WEB.replace(
        "{name: web, image: example.invalid/web}",
        "{name: web, image: example.invalid/web, envFrom: [{secretRef: {name: sc-orders-secret}}]}",
    );
    shop.apply(by_hand).succeeds();

    create(&shop, "orders", "--workload deployment/web --container web").succeeds();
    let deleted = delete(&shop, "orders").succeeds();

    deleted.says("deployment/web still names the Secret").says("kubectl-client-side-apply");
    lists_are(&shop, &[secret("sc-orders-secret")], &[]);
}

#[test]
fn two_connections_in_one_workload_leave_one_by_one() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create(&shop, "orders", "--workload deployment/web").succeeds();
    create(&shop, "stock", "--workload deployment/web").succeeds();
    let both = [secret("sc-orders-secret"), secret("sc-stock-secret")];
    lists_are(&shop, &both, &both);

    delete(&shop, "orders").succeeds();

    let left = [secret("sc-stock-secret")];
    lists_are(&shop, &left, &left);
    delete(&shop, "stock").succeeds();
    lists_are(&shop, &[], &[]);
}

#[test]
fn connections_that_enter_and_leave_at_the_same_time_do_not_lose_each_other() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let names = ["a", "b", "c", "d"];

    let entering: Vec<_> =
        names.iter().map(|name| create(&shop, name, "--workload deployment/web").start()).collect();
    for started in entering {
        let said = started.ends();
        assert_eq!(said.code, Some(0), "{said}");
    }
    let mut found = lists(&shop, "deployment/web")[0].1.clone();
    found.sort_by_key(|entry| entry["secretRef"]["name"].to_string());
    assert_eq!(found, names.map(|name| secret(&format!("sc-{name}-secret"))));

    let leaving: Vec<_> = names[..3].iter().map(|name| delete(&shop, name).start()).collect();
    for started in leaving {
        let said = started.ends();
        assert_eq!(said.code, Some(0), "{said}");
    }
    let left = [secret("sc-d-secret")];
    lists_are(&shop, &left, &left);
}

#[test]
fn later_workloads_are_added_to_those_that_a_connection_is_in() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    shop.apply(WEB.replace("{name: web}", "{name: api}").replace("app: web", "app: api")).succeeds();
    let workloads = || shop.sc("connection show orders -o json").succeeds().json()["workloads"].clone();

    create(&shop, "orders", "--workload deployment/web").succeeds();
    create(&shop, "orders", "").stdin("second-password").succeeds();
    assert_eq!(workloads(), json!(["deployment/web"]), "a create without --workload leaves them");
    shop.sc("connection update orders --host db2.example --no-validate --workload deployment/api").succeeds();
    assert_eq!(workloads(), json!(["deployment/web", "deployment/api"]));

    delete(&shop, "orders").succeeds().says("deployment/web").says("deployment/api");
    for workload in ["deployment/web", "deployment/api"] {
        assert!(lists(&shop, workload).iter().all(|(_, entries)| entries.is_empty()), "{workload}");
    }
}

#[test]
fn a_workload_that_is_gone_does_not_keep_a_connection() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create(&shop, "orders", "--workload deployment/web").succeeds();
    shop.kubectl("delete deployment web").succeeds();

    create(&shop, "orders", "").stdin("second-password").succeeds().says("deployment/web is left as it is");
    delete(&shop, "orders").succeeds();

    assert_eq!(shop.get("serviceconnection/orders"), None);
}

#[test]
fn kubectl_delete_of_a_connection_leaves_the_workload_as_it_is() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();
    let bound = template(&shop, "deployment/web");

    shop.kubectl("delete serviceconnection orders").succeeds();
    create(&shop, "stock", "--workload deployment/web").succeeds();
    delete(&shop, "stock").succeeds();

    assert_eq!(template(&shop, "deployment/web"), bound);
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();
    delete(&shop, "orders").succeeds();
    lists_are(&shop, &[], &[]);
}

fn account_of(shop: &Place) -> [Value; 3] {
    let template = template(shop, "deployment/web");
    let label = &template["metadata"]["labels"]["azure.workload.identity/use"];
    [&template["spec"]["serviceAccountName"], &template["spec"]["serviceAccount"], label].map(Clone::clone)
}

#[test]
fn with_an_identity_the_workload_runs_as_its_account_until_the_last_connection_leaves() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let before = template(&shop, "deployment/web");
    let account = json!(format!("sc-account-{CLIENT}"));

    for name in ["orders", "stock"] {
        create_as(&shop, CLIENT, name, "--workload deployment/web").succeeds();
        assert_eq!(account_of(&shop), [account.clone(), account.clone(), json!("true")]);
    }
    create(&shop, "cache", "--workload deployment/web").succeeds();
    delete(&shop, "orders").succeeds();
    assert_eq!(account_of(&shop), [account.clone(), account, json!("true")]);

    delete(&shop, "stock").succeeds();
    assert_eq!(account_of(&shop), [Value::Null, Value::Null, Value::Null]);
    let left = [secret("sc-cache-secret")];
    lists_are(&shop, &left, &left);

    delete(&shop, "cache").succeeds();
    assert_eq!(template(&shop, "deployment/web"), before);
}

#[test]
fn another_account_is_named_and_replaced_only_by_force() {
    let shop = world().namespace("bind");
    shop.apply(WEB.replace("      containers:", "      serviceAccountName: robot\n      containers:"))
        .succeeds();

    create_as(&shop, CLIENT, "orders", "--workload deployment/web")
        .fails_with(4)
        .says("`serviceAccountName` is `robot`, set by `kubectl-client-side-apply`");
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");

    create_as(&shop, CLIENT, "orders", "--workload deployment/web --force-conflicts").succeeds();
    assert_eq!(account_of(&shop)[0], format!("sc-account-{CLIENT}"));

    create_as(&shop, OTHER_CLIENT, "stock", "--workload deployment/web")
        .fails_with(4)
        .says("which connection `orders` needs");
}

#[test]
fn of_two_identities_that_enter_at_the_same_time_one_is_refused() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    let orders = create_as(&shop, CLIENT, "orders", "--workload deployment/web").start();
    let stock = create_as(&shop, OTHER_CLIENT, "stock", "--workload deployment/web").start();

    let (orders, stock) = (orders.ends(), stock.ends());
    let mut codes = [orders.code, stock.code];
    codes.sort();
    assert_eq!(codes, [Some(0), Some(4)], "{orders}\n{stock}");
    let winner = if orders.code == Some(0) { CLIENT } else { OTHER_CLIENT };
    assert_eq!(account_of(&shop)[0], format!("sc-account-{winner}"));
}

#[test]
fn a_connection_that_changes_its_identity_changes_the_account_of_its_workloads() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();

    let identity = format!("--workload-identity {OTHER_CLIENT} --tenant-id {TENANT}");
    shop.sc(&format!("connection update orders {identity} --no-validate")).succeeds();

    assert_eq!(account_of(&shop)[0], format!("sc-account-{OTHER_CLIENT}"));
}

#[test]
fn the_next_job_of_a_cronjob_reads_the_database() {
    let world = world();
    let (shop, server) = (world.namespace("bind"), world.postgres());
    let authority = fs::read_to_string(&server.ca).unwrap();
    shop.kubectl("create configmap authority").arg(format!("--from-literal=ca.crt={authority}")).succeeds();
    shop.apply(format!(
        "
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report}}
spec:
  schedule: '0 0 1 1 *'
  jobTemplate:
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
              env: [{{name: PGSSLROOTCERT, value: /authority/ca.crt}}]
              volumeMounts: [{{name: authority, mountPath: /authority, readOnly: true}}]
              securityContext: {{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}
          volumes: [{{name: authority, configMap: {{name: authority}}}}]
",
        world.image()
    ))
    .succeeds();
    let request = format!(
        "connection create postgres-flexible orders --host {} --port {} --database {} --user {} --password-stdin --client-type python \
         --no-validate --workload cj/report",
        server.host, server.port, server.database, server.username
    );
    shop.sc(&request).stdin(&server.password).succeeds();

    shop.kubectl("create job now --from=cronjob/report").succeeds();
    let waited = shop.kubectl("wait --for=condition=Complete job/now --timeout=60s").run();
    let log = shop.kubectl("logs job/now").succeeds();
    assert_eq!(waited.code, Some(0), "{log}");
    log.says(&format!("signed in as {} to database {}", server.username, server.database));

    delete(&shop, "orders").succeeds().says("It is out of cronjob/report");
    assert_eq!(lists(&shop, "cronjob/report"), [("sample".to_owned(), Vec::<Value>::new())]);
}

#[test]
fn statefulsets_and_daemonsets_take_a_connection_in_too() {
    let shop = world().namespace("bind");
    let other = |kind: &str| WEB.replace("kind: Deployment", kind).replace("  replicas: 0\n", "");
    shop.apply(other("kind: StatefulSet")).succeeds();
    shop.apply(other("kind: DaemonSet")).succeeds();

    create(&shop, "orders", "--workload sts/web --workload ds/web --container web").succeeds();
    for workload in ["statefulset/web", "daemonset/web"] {
        assert_eq!(lists(&shop, workload)[0].1, [secret("sc-orders-secret")], "{workload}");
    }
    delete(&shop, "orders").succeeds().says("statefulset/web").says("daemonset/web");
    for workload in ["statefulset/web", "daemonset/web"] {
        assert_eq!(lists(&shop, workload)[0].1, Vec::<Value>::new(), "{workload}");
    }
}

#[test]
fn an_unknown_workload_is_told_before_anything_is_written() {
    let shop = world().namespace("bind");
    let error = create(&shop, "orders", "--workload deployment/web -o json").fails_with(3).error();
    assert_eq!(error["code"], "WorkloadNotFound");
    assert!(
        error["remedy"].as_str().unwrap().contains(&format!("kubectl get deployments -n {shop}")),
        "{error}"
    );
    assert_eq!(shop.get("serviceconnection/orders"), None);
    assert_eq!(shop.find_payload("orders"), None);
}

#[test]
fn what_is_no_workload_is_refused_at_the_door() {
    let refused = |options: &str| {
        let server =
            "--host db.example --database shop --user app --password-stdin -n shop --kubeconfig /nowhere";
        world()
            .sc(format!("connection create postgres-flexible orders {server} {options}"))
            .stdin("password")
            .fails_with(2)
    };
    refused("--workload web").says("KIND/NAME");
    refused("--workload pod/web-0").says("name the workload that makes it");
    refused("--workload job/import").says("can't be changed once it is made");
    refused("--workload service/web").says("deployment (deploy)");
    refused("--container web").says("--workload");
    refused("--workload deployment/web --no-wait").says("after its Secret is written");
}

#[test]
fn a_missing_right_on_workloads_is_named_as_a_rule_before_anything_is_written() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    shop.kubectl("create serviceaccount developer").succeeds();
    shop.apply(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: developer}
rules:
  - {apiGroups: [serviceconnector.dev], resources: [serviceconnections], verbs: [get, list, watch, create, patch, delete]}
  - {apiGroups: [''], resources: [secrets], verbs: [get, list]}
  - {apiGroups: [apps], resources: [deployments], verbs: [get]}
",
    )
    .succeeds();
    shop.kubectl(format!("create rolebinding developer --role developer --serviceaccount {shop}:developer"))
        .succeeds();
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    let kubeconfig = as_account(&shop, "developer");
    let request = "connection create postgres-flexible orders --host db.example --database shop --user app --secret-ref database \
                   --no-validate --workload deployment/web";

    let refused = shop.sc(request).args(&kubeconfig.option).fails_with(5);

    refused
        .says("you may not change deployment/web")
        .says("{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}")
        .says("code:   NotPermitted");
    assert_eq!(shop.get("serviceconnection/orders"), None);

    shop.sc(request).succeeds();
    shop.sc("connection delete orders --yes")
        .args(&kubeconfig.option)
        .fails_with(5)
        .says("verbs: [get, patch]")
        .says("kubectl delete serviceconnection orders");
    assert!(shop.get("serviceconnection/orders").is_some(), "it still says where it is");
}

/// A kubeconfig of a ServiceAccount's own.
struct Kubeconfig {
    option: String,
    _file: tempfile::NamedTempFile,
}

fn as_account(shop: &Place, account: &str) -> Kubeconfig {
    let token = shop.kubectl(format!("create token {account}")).succeeds().stdout;
    let mut config = shop.kubectl("config view --raw -o json").succeeds().json();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), config.to_string()).unwrap();
    Kubeconfig { option: format!("--kubeconfig {}", file.path().display()), _file: file }
}

#[test]
fn an_implementation_of_servicebinding_finds_the_secret_of_a_provisioned_service() {
    let shop = world().namespace("bind");
    shop.create("My.Orders").succeeds();
    shop.kubectl("create serviceaccount binder").succeeds();
    // What an implementation does with its aggregated role; here it has that one rule alone.
    shop.kubectl(format!(
        "create rolebinding binder --clusterrole sc-servicebinding --serviceaccount {shop}:binder"
    ))
    .succeeds();
    let labelled = world()
        .kubectl("get clusterroles -l servicebinding.io/controller=true -o name")
        .succeeds()
        .says("sc-servicebinding")
        .clone();
    assert!(labelled.stdout.lines().count() >= 1);
    let crds =
        world().kubectl("get crds -l servicebinding.io/provisioned-service=true -o json").succeeds().json();
    let names = &crds["items"][0]["spec"]["names"];
    assert_eq!(names["kind"], "ServiceConnection");

    let reader = format!("--as system:serviceaccount:{shop}:binder");
    let service = shop
        .kubectl(format!("get {} my-orders -o json {reader}", names["plural"].as_str().unwrap()))
        .succeeds()
        .json();
    let name = service["status"]["binding"]["name"].as_str().unwrap();

    assert_eq!(shop.secret(name)["AZURE_POSTGRESQL_HOST"], "db.example", "a Secret of the same namespace");
    shop.kubectl(format!("delete serviceconnection my-orders {reader}")).fails().says("forbidden");
}

//! Connections by workload identity.

use sc_tests::{Place, world};

const CLIENT: &str = "0f3a5c5e-1111-2222-3333-444455556666";
const TENANT: &str = "9b8a7c6d-aaaa-bbbb-cccc-ddddeeeeffff";
const ACCOUNT: &str = "sc-account-0f3a5c5e-1111-2222-3333-444455556666";

fn connect(shop: &Place, name: &str) {
    let identity = format!("--workload-identity {CLIENT} --tenant-id {TENANT}");
    let server = "--host db.example --database shop --user app --no-validate";
    shop.sc(&format!("connection create postgres-flexible {name} {server} {identity}")).succeeds();
}

#[test]
fn connections_of_one_identity_share_its_service_account() {
    let shop = world().namespace("identity");
    connect(&shop, "orders");
    connect(&shop, "stock");

    for name in ["orders", "stock"] {
        let shown = shop.sc(&format!("connection show {name} -o json")).succeeds().json();
        assert_eq!(shown["serviceAccountName"], ACCOUNT);
        let secret = shop.secret(&format!("sc-{name}-secret"));
        assert_eq!(secret["AZURE_POSTGRESQL_CLIENTID"], CLIENT);
        assert!(!secret.keys().any(|key| key.ends_with("PASSWORD")), "{secret:?}");
        assert_eq!(shop.find_payload(name), None, "an identity has no secret to store");
    }
    let annotations =
        shop.get(&format!("serviceaccount/{ACCOUNT}")).unwrap()["metadata"]["annotations"].clone();
    assert_eq!(annotations["azure.workload.identity/client-id"], CLIENT);
    assert_eq!(annotations["azure.workload.identity/tenant-id"], TENANT);
}

#[test]
fn deleting_a_connection_leaves_the_service_account_to_the_others() {
    let shop = world().namespace("identity");
    connect(&shop, "orders");
    connect(&shop, "stock");

    let told = shop.sc("connection delete orders --yes -o json").succeeds().json();

    assert_eq!(told["serviceAccountLeft"], ACCOUNT);
    assert_eq!(told["secretLeft"], "sc-orders-secret");
    assert!(shop.get(&format!("serviceaccount/{ACCOUNT}")).is_some());
    shop.becomes_ready("stock");
}

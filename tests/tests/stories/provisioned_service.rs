//! A connection is a Provisioned Service of servicebinding.io.

use sc_tests::world;

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

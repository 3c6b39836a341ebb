//! The chart is carried in the binary; a changed chart has to build it anew, which the embedding macro can't ask for.

fn main() {
    println!("cargo::rerun-if-changed=../../charts/sc-extension");
}

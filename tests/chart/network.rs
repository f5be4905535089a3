//! The NetworkPolicy: what has to go out goes out, and nothing else.

use rstest::rstest;
use serde_json::{Value, json};

use crate::helm::Helm;

fn egress(values: &str) -> Vec<Value> {
    let rendered = Helm::alone().template(values);
    let policy = &rendered.one("NetworkPolicy")["spec"];
    assert_eq!(policy["policyTypes"], json!(["Ingress", "Egress"]));
    assert_eq!(policy["ingress"].as_array().unwrap().len(), 1);
    policy["egress"].as_array().unwrap().clone()
}

fn tcp(ports: &[u16]) -> Vec<Value> {
    let ports = ports.iter();
    ports
        .map(|port| json!({"port": port, "protocol": "TCP"}))
        .collect()
}

#[test]
fn nothing_reaches_out_but_to_names_the_api_server_and_xopero_one() {
    let egress = egress(
        "networkPolicy: {enabled: true, xoperoOne: {ports: [8443], to: [{ipBlock: {cidr: 192.0.2.0/24}}]}}",
    );
    // OpenShift answers for names on 5353.
    let names = json!([
        {"port": 53, "protocol": "UDP"},
        {"port": 53, "protocol": "TCP"},
        {"port": 5353, "protocol": "UDP"},
        {"port": 5353, "protocol": "TCP"},
    ]);
    let xopero_one = [json!({"ipBlock": {"cidr": "192.0.2.0/24"}})];
    assert_eq!(
        egress,
        [
            json!({"ports": names}),
            json!({"ports": tcp(&[443, 6443])}),
            json!({"ports": tcp(&[8443]), "to": xopero_one}),
        ]
    );
}

#[rstest]
#[case::as_written("http://proxy.example.com:3128", 3128)]
#[case::with_a_password("http://user:pass%3A9@proxy.example.com:8080", 8080)]
#[case::by_number("http://[2001:db8::1]:3129", 3129)]
#[case::by_number_alone("http://[2001:db8::1]", 80)]
#[case::with_a_path("http://proxy:3128/", 3128)]
#[case::none_written("http://proxy.example.com", 80)]
#[case::none_written_and_tls("https://proxy.example.com", 443)]
fn the_proxy_is_reached_by_the_port_in_its_address(#[case] proxy: &str, #[case] port: u16) {
    let values = json!({"proxy": proxy, "networkPolicy": {"enabled": true}});
    let egress = egress(&values.to_string());
    assert_eq!(egress.last().unwrap(), &json!({"ports": tcp(&[port])}));
    assert_eq!(egress.len(), 4);
}

#[test]
fn the_proxy_whose_address_is_secret_is_reached_by_the_port_that_is_written() {
    let egress = egress(
        "
proxySecret: {name: proxy}
networkPolicy: {enabled: true, proxy: {ports: [3128], to: [{ipBlock: {cidr: 192.0.2.20/32}}]}}
",
    );
    let to = [json!({"ipBlock": {"cidr": "192.0.2.20/32"}})];
    assert_eq!(
        egress.last().unwrap(),
        &json!({"ports": tcp(&[3128]), "to": to})
    );
}

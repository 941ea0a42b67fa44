// One GET by a usual Rust client; this version of it reads no proxy from the environment.
use std::env;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("no URL")?;
    let proxy = ureq::Proxy::new(env::var("HTTPS_PROXY")?)?;
    let agent = ureq::AgentBuilder::new().proxy(proxy).build();
    println!("{}", agent.get(&url).call()?.into_string()?);
    Ok(())
}

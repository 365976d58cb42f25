import toml

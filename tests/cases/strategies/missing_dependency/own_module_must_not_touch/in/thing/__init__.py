import thing.yaml

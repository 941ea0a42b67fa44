/// Ten thousand rules as conditions, asked one after the other: what there is without an index.
enum PeerScript {
    static let text = #"""
        import time
        N = 10000
        texts = [f"request.host == 'api{i % 500}.example.com' && request.path.startsWith('/v1/things{i // 500}/')"
                 " && body.amount > 100" for i in range(N)]
        values = {"request": {"host": "api7.example.com", "path": "/v1/things3/x1"},
                  "body": {"amount": 250, "currency": "usd"}}

        def best(evaluate):
            found = 1e9
            for _ in range(3):
                began = time.process_time()
                hits = sum(1 for e in evaluate if e())
                found = min(found, time.process_time() - began)
                assert hits == 1, hits
            return found

        def report(name, load, decision):
            print(f"{name}: {N} rules, load {load / N * 1e6:.1f} us/rule, decision {decision * 1e9:.0f} ns")

        try:
            from cel_expr_python import cel
            env = cel.NewEnv(variables={"request": cel.Type.DYN, "body": cel.Type.DYN})
            began = time.process_time()
            programs = [env.compile(t) for t in texts]
            load = time.process_time() - began
            activation = env.Activation(values)
            report("cel-expr-python (cel-cpp)", load,
                   best([lambda p=p: p.eval(activation).plain_value() for p in programs]))
        except ImportError:
            print("cel-expr-python is not installed")
        try:
            from cel import Context, compile
            began = time.process_time()
            programs = [compile(t) for t in texts]
            load = time.process_time() - began
            context = Context(variables=values)
            report("common-expression-language (Rust)", load, best([lambda p=p: p.execute(context) for p in programs]))
        except ImportError:
            print("common-expression-language is not installed")
        """#
}

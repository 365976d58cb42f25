// Sends one trace of three beats, the last failing, with the exporter that JavaScript services use.
const { BasicTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const { SpanStatusCode, context, trace } = require("@opentelemetry/api");

const [address, token, count] = process.argv.slice(2);
const exporter = new OTLPTraceExporter({ url: address, headers: { Authorization: `Bearer ${token}` }, compression: "gzip" });
const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
const tracer = provider.getTracer("shop");
const start = Date.now() - 60_000;

for (let number = 0; number < Number(count); number += 1) {
  const at = start + number * 1000;
  const root = tracer.startSpan("checkout", { startTime: at });
  const inside = trace.setSpan(context.active(), root);
  ["reserve", "charge", "ship"].forEach((name, place) => {
    const span = tracer.startSpan(name, { startTime: at + 10 + place * 100 }, inside);
    if (name === "ship" && number === 0) {
      span.recordException(new TypeError("no address"));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(at + 10 + place * 100 + 20 + place);
  });
  root.end(at + 400);
}
provider.forceFlush().then(() => provider.shutdown()).catch((error) => { console.error(error); process.exit(1); });

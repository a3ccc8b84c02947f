using System.Globalization;
using Orchestrator.Benchmarks;

var verb = args.FirstOrDefault() ?? "all";
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
if (verb is "all" or "stream")
{
    StreamBenchmark.Run(rounds);
}
return 0;

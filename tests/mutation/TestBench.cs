using System.Reflection;
using Xunit;
using Xunit.Runner.Common;
using Xunit.Sdk;
using Xunit.v3;

namespace Orchestrator.Mutation;

/// <summary>The unit tests in this process, found once and run as often as wanted.</summary>
internal sealed class TestBench : IAsyncDisposable
{
    private readonly XunitTestFramework framework = new();
    private readonly Assembly tests;
    private readonly TestAssemblyConfiguration settings = new()
    {
        PreEnumerateTheories = true,
        ParallelMode = ParallelMode.None,
        SynchronousMessageReporting = true,
        ShowLiveOutput = false,
        StopOnFail = true,
    };

    private TestBench(Assembly tests) => this.tests = tests;

    /// <summary>All cases by their lasting ids.</summary>
    public Dictionary<string, ITestCase> Cases { get; } = new(StringComparer.Ordinal);

    /// <summary>Finds the cases.</summary>
    /// <param name="path">The assembly of the tests.</param>
    /// <param name="classes">Only of these classes; none = of all.</param>
    public static async Task<TestBench> OpenAsync(string path, IReadOnlyCollection<string> classes)
    {
        var bench = new TestBench(Assembly.LoadFrom(path));
        TestContext.SetForInitialization(null, false, false);
        await bench
            .framework.GetDiscoverer(bench.tests)
            .Find(
                found =>
                {
                    bench.Cases[found.UniqueID] = found;
                    return new(true);
                },
                TestFrameworkOptions.ForDiscovery(bench.settings),
                classes.Count == 0 ? null : [.. classes.Select(c => bench.tests.GetType(c, true)!)]
            );
        return bench;
    }

    /// <summary>Runs some, one after the other, to the first that fails. True = none failed.</summary>
    public async Task<bool> PassAsync(IReadOnlyCollection<ITestCase> cases)
    {
        TestContext.SetForInitialization(null, false, false);
        var sink = new FailureSink();
        await framework
            .GetExecutor(tests)
            .RunTestCases(cases, sink, TestFrameworkOptions.ForExecution(settings));
        return !sink.Failed;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => framework.DisposeAsync();

    private sealed class FailureSink : IMessageSink
    {
        public bool Failed { get; private set; }

        public bool OnMessage(IMessageSinkMessage message)
        {
            Failed |= message is ITestFailed or IErrorMessage;
            return !Failed;
        }
    }
}

using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Orchestrator.WindowsTests;

/// <summary>Runs the tests, or plays a child of one of them.</summary>
internal static class Program
{
    /// <summary>The plain runner, which talks to nobody: on Wine the testing platform's pipes time out.</summary>
    private const string Plain = "--plain";

    public static async Task<int> Main(string[] args) =>
        args switch
        {
            _ when GitBridge.IsGit => await GitBridge.ForwardAsync(args),
            [Child.Verb, .. var play] => await Child.PlayAsync(play),
            [Plain, .. var rest] => await ConsoleRunner.Run(rest),
            _ => await TestPlatformTestFramework.RunAsync(
                args,
                SelfRegisteredExtensions.AddSelfRegisteredExtensions
            ),
        };
}

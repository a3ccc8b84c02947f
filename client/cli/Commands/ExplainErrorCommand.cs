using System.CommandLine;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Cli;

/// <summary>What a failure code means and what helps. Works without a server.</summary>
internal static class ExplainErrorCommand
{
    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var code = new Argument<string>("code") { Description = "A code, such as queue_full." };
        var command = new Command("explain-error", "Say what a failure code means.") { code };
        command.SetAction(
            (p, _) =>
            {
                var wanted = p.GetValue(code)!.Trim().ToLowerInvariant();
                var (meaning, cure) = ErrorWords.Of(wanted);
                if (meaning.Length == 0)
                {
                    throw new OrchestratorException(
                        new Failure(
                            FailureCodes.InvalidRequest,
                            $"'{wanted}' is no failure code. Known: {string.Join(", ", ErrorWords.Codes)}."
                        ),
                        ExitCodes.Usage
                    );
                }
                CommandLine
                    .Out(p)
                    .Answer(
                        new Dictionary<string, string>
                        {
                            ["code"] = wanted,
                            ["meaning"] = meaning,
                            ["cure"] = cure,
                        },
                        OrchestratorJson.Default.DictionaryStringString,
                        _ =>
                        {
                            Output.Line(meaning);
                            Output.Line("→ " + cure);
                        }
                    );
                return Task.FromResult(ExitCodes.Done);
            }
        );
        return command;
    }
}

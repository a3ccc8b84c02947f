using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs about the policy that is in force on the server: show, set, history.</summary>
internal static class PolicyInForceCommands
{
    /// <summary>Adds them to <c>policy</c>.</summary>
    public static void AddTo(Command policy)
    {
        policy.Add(Show());
        policy.Add(Set());
        policy.Add(History());
    }

    private static Command Show()
    {
        var command = new Command("show", "Print the policy that is in force on the server.");
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.GetPolicyAsync(token),
                        OrchestratorJson.Default.PolicyInfo,
                        i =>
                        {
                            Console.Error.WriteLine(Line(i));
                            Output.Line((i.Text ?? "").TrimEnd());
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Set()
    {
        var file = new Argument<string>("file") { Description = "The policy, YAML." };
        var replaces = new Option<long?>("--replaces")
        {
            Description = "Number of the policy that it replaces: another in force is refused.",
        };
        var command = new Command(
            "set",
            "Put a policy in force in the whole cluster; one that is not whole is refused and the old one stays."
        )
        {
            file,
            replaces,
        };
        command.SetAction(
            async (p, token) =>
            {
                var path = p.GetValue(file)!;
                if (!File.Exists(path))
                {
                    await Console.Error.WriteLineAsync($"There is no file {path}.");
                    return ExitCodes.Usage;
                }
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.SetPolicyAsync(
                            new SetPolicyRequest
                            {
                                Text = await File.ReadAllTextAsync(path, token),
                                FileName = Path.GetFileName(path),
                                Replaces = p.GetValue(replaces),
                            },
                            token
                        ),
                        OrchestratorJson.Default.PolicyInfo,
                        i => Output.Line(Line(i))
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command History()
    {
        var command = new Command("history", "List the policies that were set, the newest first.");
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.ListPoliciesAsync(token),
                        OrchestratorJson.Default.PolicyList,
                        list =>
                        {
                            foreach (var info in list.Policies)
                            {
                                Output.Line(Line(info));
                            }
                            if (list.Policies.Count == 0)
                            {
                                Output.Line("None was set: the built-in policy is in force.");
                            }
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static string Line(PolicyInfo info) =>
        info.Number == 0
            ? $"{info.Id} (built in)"
            : $"{info.Number}  {info.Id}  {info.FileName}  set by {info.By} at {info.At?.ToLocalTime():yyyy-MM-dd HH:mm:ss}";
}

using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs about tokens.</summary>
internal static class TokenCommands
{
    /// <summary>The verb with its sub-verbs.</summary>
    public static Command Make()
    {
        var token = new Command("token", "Create, list and revoke tokens.");
        token.Add(Create());
        token.Add(List());
        token.Add(Revoke());
        return token;
    }

    private static Command Create()
    {
        var name = new Argument<string>("name")
        {
            Description = "Who: the requester of what it submits.",
        };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "read, submit, operate, audit, admin.",
            DefaultValueFactory = _ => ["read", "submit"],
            AllowMultipleArgumentsPerToken = true,
        };
        var days = new Option<int?>("--days")
        {
            Description = "Days until it ends; default never.",
        };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key makes no second token.",
        };
        var command = new Command("create", "Create a token; its secret is shown once.")
        {
            name,
            scopes,
            days,
            key,
        };
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var request = new TokenRequest
                {
                    Name = p.GetValue(name)!,
                    Scopes = p.GetValue(scopes)!,
                    Days = p.GetValue(days),
                };
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.CreateTokenAsync(request, p.GetValue(key), cancel),
                        OrchestratorJson.Default.TokenInfo,
                        t =>
                        {
                            Output.Line(t.Secret ?? "");
                            Console.Error.WriteLine(
                                $"Token {t.Id} for {t.Name} ({string.Join(", ", t.Scopes)}). It is shown this once."
                            );
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List tokens.");
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.ListTokensAsync(cancel),
                        OrchestratorJson.Default.TokenList,
                        l =>
                        {
                            foreach (var t in l.Tokens)
                            {
                                Output.Line(
                                    $"{t.Id}  {t.Name, -20}  {string.Join(',', t.Scopes), -24}  {(t.RevokedAt is null ? "valid" : "revoked")}"
                                );
                            }
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The token's id (tok_...)." };
        var command = new Command("revoke", "Revoke a token.") { id };
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var token = p.GetValue(id)!;
                await client.RevokeTokenAsync(token, cancel);
                CommandLine
                    .Out(p)
                    .Answer(
                        new Dictionary<string, string> { ["id"] = token, ["state"] = "revoked" },
                        OrchestratorJson.Default.DictionaryStringString,
                        _ => Output.Line($"{token} is revoked.")
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }
}

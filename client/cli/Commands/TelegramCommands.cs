using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary><c>telegram</c>, <c>telegram pair|unpair</c>, <c>test-telegram</c>: the server's bot and who may use it.</summary>
internal static class TelegramCommands
{
    /// <summary><c>telegram</c> and what is below it.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var command = new Command("telegram", "Show the server's Telegram bot and who may use it.")
        {
            Pair(finder, output),
            Unpair(finder),
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                output(p)
                    .Answer(
                        await client.GetTelegramAsync(token),
                        OrchestratorJson.Default.TelegramState,
                        Show
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    /// <summary><c>test-telegram</c>.</summary>
    public static Command Test(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var chat = new Option<long?>("--chat")
        {
            Description = "Where a test message goes; default: the chat of notices.",
        };
        var command = new Command("test-telegram", "Try the bot's token and send a test message.")
        {
            chat,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                var report = await client.TestTelegramAsync(
                    new TelegramTestRequest { Chat = p.GetValue(chat) },
                    token
                );
                output(p)
                    .Answer(
                        report,
                        OrchestratorJson.Default.WorkReport,
                        r =>
                        {
                            foreach (var done in r.Done)
                            {
                                Output.Line("reached " + done);
                            }
                            foreach (var problem in r.Problems)
                            {
                                Console.Error.WriteLine(problem);
                            }
                        }
                    );
                return report.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
            }
        );
        return command;
    }

    private static Command Pair(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var role = new Option<string>("--role")
        {
            Description = "read, submit or operate.",
            DefaultValueFactory = _ => "submit",
        };
        var minutes = new Option<int>("--minutes")
        {
            Description = "How long the code is good; 1 to 1,440.",
            DefaultValueFactory = _ => 15,
        };
        var pair = new Command("pair", "Make a code that lets one person use the bot.")
        {
            role,
            minutes,
        };
        pair.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                output(p)
                    .Answer(
                        await client.PairTelegramAsync(
                            new PairingRequest
                            {
                                Role = p.GetValue(role),
                                Minutes = p.GetValue(minutes),
                            },
                            token
                        ),
                        OrchestratorJson.Default.PairingCode,
                        c =>
                        {
                            Output.Line(c.Code);
                            Console.Error.WriteLine(
                                $"Send the bot: /start {c.Code}{(c.Link.Length > 0 ? $" (or open {c.Link})" : "")}. It is good once, as {c.Role}, until {c.Expires:u}."
                            );
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return pair;
    }

    private static Command Unpair(Func<ParseResult, SiloFinder> finder)
    {
        var user = new Argument<long>("user") { Description = "Telegram's number of the user." };
        var unpair = new Command("unpair", "Put somebody out whom a code let in.") { user };
        unpair.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                await client.UnpairTelegramAsync(p.GetValue(user), token);
                return ExitCodes.Done;
            }
        );
        return unpair;
    }

    private static void Show(TelegramState state)
    {
        Output.Line(
            state.Open
                ? $"bot {(state.Bot.Length > 0 ? "@" + state.Bot : "not reached")}"
                : "no bot"
        );
        if (state.Problem.Length > 0)
        {
            Output.Line("problem: " + state.Problem);
        }
        foreach (var person in state.People)
        {
            Output.Line(
                $"user {person.User}  {person.Role}  by {person.By}{(person.Since is { } at ? $" since {at:u}" : "")}"
            );
        }
        foreach (var chat in state.Chats)
        {
            Output.Line($"chat {chat}");
        }
    }
}

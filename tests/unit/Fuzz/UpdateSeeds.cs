namespace Orchestrator.UnitTests.Fuzz;

/// <summary>Updates in the shapes that the Bot API's documentation gives them, with members that the reader does not need.</summary>
internal static class UpdateSeeds
{
    private const string Ann =
        """{"id":11,"is_bot":false,"first_name":"Ann","last_name":"Größe","username":"ann_g","language_code":"de"}""";

    private const string Bot =
        """{"id":123456,"is_bot":true,"first_name":"Orchestrator","username":"orchestrator_test_bot"}""";

    private const string Private =
        """{"id":11,"first_name":"Ann","username":"ann_g","type":"private"}""";

    private const string Group =
        """{"id":-1001234567890,"title":"Team 漢字","type":"supergroup","is_forum":true}""";

    private static readonly string[] Texts =
    [
        "/start QWERTYUPLK",
        "/help@orchestrator_test_bot",
        "/task fix the flaky test in tests/LoginTests.cs\\nconstraint: no new dependency\\npriority: high",
        "/reply task_01jxyz0000000000000000000 use tabs, please 👍🏽",
        "/fork task_01jxyz0000000000000000000 2 try it with a queue",
        "/progress task_01jxyz0000000000000000000 \\u2014since 10m",
        "/approve task_01jxyz0000000000000000000 0123456789ab",
        "Ändere die Größe des Puffers auf 4096",
        "/commit task_1 --push --no-branch",
        "type: fix\\n\\n/estop is no command here",
    ];

    private static readonly string[] Taps =
    [
        "ok:0123456789ab:task_01jxyz0000000000000000000",
        "no::task_1",
        "df:0123456789ab:",
        "go::812-813",
    ];

    /// <summary>Real shapes, 30 of them.</summary>
    public static IReadOnlyList<string> Updates { get; } =
    [
        .. Texts.Select(
            (t, i) =>
                $$$$$"""{"update_id":{{{{{900 + i}}}}},"message":{"message_id":{{{{{70 + i}}}}},"from":{{{{{Ann}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"text":"{{{{{t}}}}}","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}"""
        ),
        .. Texts
            .Take(4)
            .Select(
                (t, i) =>
                    $$$$$"""{"update_id":{{{{{920 + i}}}}},"message":{"message_id":8,"message_thread_id":3,"from":{{{{{Ann}}}}},"chat":{{{{{Group}}}}},"date":1767225600,"reply_to_message":{"message_id":7,"from":{{{{{Bot}}}}},"chat":{{{{{Group}}}}},"date":1767225500,"text":"📥 task_1"},"text":"{{{{{t}}}}}","is_topic_message":true}}"""
            ),
        .. Taps.Select(
            (d, i) =>
                $$$$$"""{"update_id":{{{{{930 + i}}}}},"callback_query":{"id":"4382bfdwdsb323b2d9{{{{{i}}}}}","from":{{{{{Ann}}}}},"message":{"message_id":90,"from":{{{{{Bot}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"text":"✋ asks","reply_markup":{"inline_keyboard":[[{"text":"Approve","callback_data":"{{{{{d}}}}}"}]]}},"chat_instance":"-377","data":"{{{{{d}}}}}"}}"""
        ),
        $$$$$"""{"update_id":940,"message":{"message_id":12,"from":{{{{{Ann}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"document":{"file_name":"../../x.log","mime_type":"text/plain","file_id":"BQACAgIAAxkBAAIB","file_unique_id":"AgADxx","file_size":2147483648,"thumbnail":{"file_id":"AAMC","width":90,"height":90}},"caption":"/analyze what does this say?","caption_entities":[]}}""",
        $$$$$"""{"update_id":941,"message":{"message_id":13,"from":{{{{{Ann}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"photo":[{"file_id":"AgAC","file_unique_id":"A1","width":90,"height":67,"file_size":1234}],"caption":"see"}}""",
        $$$$$"""{"update_id":942,"edited_message":{"message_id":12,"from":{{{{{Ann}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"edit_date":1767225700,"text":"/estop"}}""",
        $$$$$"""{"update_id":943,"my_chat_member":{"chat":{{{{{Group}}}}},"from":{{{{{Ann}}}}},"date":1767225600,"old_chat_member":{"user":{{{{{Bot}}}}},"status":"member"},"new_chat_member":{"user":{{{{{Bot}}}}},"status":"kicked","until_date":0}}}""",
        $$$$$"""{"update_id":944,"my_chat_member":{"chat":{{{{{Private}}}}},"from":{{{{{Ann}}}}},"date":1767225600,"old_chat_member":{"user":{{{{{Bot}}}}},"status":"left"},"new_chat_member":{"user":{{{{{Bot}}}}},"status":"member"}}}""",
        $$$$$"""{"update_id":945,"message":{"message_id":14,"from":{{{{{Bot}}}}},"chat":{{{{{Group}}}}},"date":1767225600,"new_chat_members":[{{{{{Bot}}}}}]}}""",
        $$$$$"""{"update_id":946,"message":{"message_id":15,"from":{{{{{Ann}}}}},"chat":{{{{{Private}}}}},"date":1767225600,"sticker":{"file_id":"CAAC","width":512,"height":512,"emoji":"👍","is_animated":true},"forward_origin":{"type":"user","date":1767225000}}}""",
        """{"update_id":947,"channel_post":{"message_id":3,"sender_chat":{"id":-1009,"title":"News","type":"channel"},"chat":{"id":-1009,"title":"News","type":"channel"},"date":1767225600,"text":"hello"}}""",
        """{"update_id":948,"message":{"message_id":16,"from":{"id":9007199254740991,"is_bot":false,"first_name":"\u202eX","language_code":"pt-br"},"chat":{"id":9007199254740991,"type":"private"},"date":1767225600,"text":"\ud83d\ude00 what does it do?"}}""",
        """{"update_id":949,"callback_query":{"id":"1","from":{"id":5,"is_bot":false,"first_name":"B"},"inline_message_id":"AAA","chat_instance":"1","game_short_name":"g"}}""",
        """{"update_id":950,"poll_answer":{"poll_id":"1","user":{"id":5,"is_bot":false,"first_name":"B"},"option_ids":[0]}}""",
        """{"update_id":951}""",
    ];
}

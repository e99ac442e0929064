-- Does in Neovim what a person does, and writes down what the person sees.
-- The set-up is the one in docs/editors.md, loaded before this script.
-- Takes REGREEN_PLAN: {"root": folder, "source": file, "test": file, "result": file}.

local plan = vim.fn.json_decode(os.getenv("REGREEN_PLAN"))
local seen = { messages = {}, progress = {} }
local PATIENCE = 120000

local function finish(problem)
  seen.problem = problem
  vim.fn.writefile({ vim.fn.json_encode(seen) }, plan.result)
  vim.cmd("qall!")
end

local function wait_for(what, condition)
  if not vim.wait(PATIENCE, condition, 50) then
    error("waited in vain for " .. what)
  end
end

local function lines(buffer)
  return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end

local function ours(buffer)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.source == "regreen"
  end, vim.diagnostic.get(buffer))
end

local function edit(file)
  vim.cmd("edit " .. vim.fn.fnameescape(file))
  return vim.api.nvim_get_current_buf()
end

local function listen()
  vim.lsp.handlers["window/showMessage"] = function(_, params)
    table.insert(seen.messages, params.message)
  end
  vim.lsp.handlers["$/progress"] = function(_, params)
    table.insert(seen.progress, params.value.title or params.value.message or params.value.kind)
  end
end

local function attached(buffer)
  local found
  wait_for("the handshake", function()
    found = vim.lsp.get_active_clients()[1]
    return found and found.initialized and vim.lsp.buf_is_attached(buffer, found.id)
  end)
  return found
end

local function choose(title)
  local titles = {}
  vim.ui.select = function(items, options, on_choice)
    for _, item in ipairs(items) do
      local shown = options.format_item(item)
      table.insert(titles, shown)
      if shown == title then
        on_choice(item)
      end
    end
  end
  vim.lsp.buf.code_action()
  wait_for("the code actions", function()
    return 0 < #titles
  end)
  return titles
end

local function ask(id, buffer, method, params)
  local answer = vim.lsp.buf_request_sync(buffer, method, params, PATIENCE)[id]
  return answer and answer.result
end

local function lenses(id, buffer)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  return ask(id, buffer, "textDocument/codeLens", params) or {}
end

local function hover(id, buffer)
  local answer = ask(id, buffer, "textDocument/hover", vim.lsp.util.make_position_params())
  return answer and answer.contents.value or ""
end

local function scene()
  listen()
  local source, test = edit(plan.source), edit(plan.test)
  local before = lines(source)
  local client = attached(test)
  seen.root = client.config.root_dir
  wait_for("the lenses above the tests", function()
    return 0 < #lenses(client.id, test)
  end)
  vim.cmd("write") -- saving runs the tests

  local red
  wait_for("a diagnostic", function()
    red = ours(test)[1] or ours(source)[1]
    return red
  end)
  seen.diagnostic = { code = red.code or red.user_data.lsp.code, message = red.message, severity = red.severity }

  vim.api.nvim_set_current_buf(red.bufnr)
  vim.api.nvim_win_set_cursor(0, { red.lnum + 1, red.col })
  seen.actions = choose("Fix with agent")
  wait_for("the edit", function()
    return not vim.deep_equal(lines(source), before)
  end)
  seen.fixed = lines(source)

  vim.api.nvim_set_current_buf(source)
  vim.cmd("undo")
  seen.undone = vim.deep_equal(lines(source), before)
  vim.cmd("redo")
  seen.redone = vim.deep_equal(lines(source), seen.fixed)
  vim.cmd("write")
  wait_for("the diagnostics to vanish", function()
    return #ours(test) + #ours(source) == 0
  end)

  vim.api.nvim_set_current_buf(test)
  vim.fn.cursor(1, 1)
  vim.fn.search("def \\zstest_", "c")
  seen.hover = hover(client.id, test)

  client.stop()
  wait_for("the server to end", function()
    return client.is_stopped()
  end)
end

local done, problem = pcall(scene)
finish(done and "" or tostring(problem))

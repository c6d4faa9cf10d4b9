(function () {
  "use strict";
  var each = function (list, run) { Array.prototype.forEach.call(list, run); };
  var cells = function (row) { return row.cells; };

  // The page's language and title follow the switch; without script the style rules alone switch it.
  each(document.querySelectorAll(".switch"), function (radio) {
    radio.addEventListener("change", function () {
      document.documentElement.lang = radio.value;
      document.title = radio.dataset.title;
    });
  });

  function sort(table, column, header) {
    var down = header.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    var lang = table.closest("main").lang;
    rows.sort(function (a, b) {
      var x = a.cells[column], y = b.cells[column], p = x.dataset.v, q = y.dataset.v, order;
      if (p !== undefined && q !== undefined && !isNaN(p) && !isNaN(q)) { order = p - q; }
      else { order = (p || x.textContent).localeCompare(q || y.textContent, lang); }
      return down ? -order : order;
    });
    each(rows, function (row) { body.appendChild(row); });
    each(cells(table.tHead.rows[0]), function (th) { th.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function asText(table) {
    return Array.prototype.filter.call(table.rows, function (row) { return !row.hidden; }).map(function (row) {
      return Array.prototype.map.call(row.cells, function (cell) {
        return cell.textContent.trim().replace(/\u2212/g, "-").replace(/\s+/g, " ");
      }).join("\t");
    }).join("\n");
  }

  function copy(text, done) {
    function old() { // pages opened from a file may not use the clipboard directly
      var area = document.createElement("textarea");
      area.value = text;
      document.body.appendChild(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      done();
    }
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done, old); }
    else { old(); }
  }

  each(document.querySelectorAll("table.sortable"), function (table) {
    each(cells(table.tHead.rows[0]), function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.title = table.dataset.sort;
      while (header.firstChild) { button.appendChild(header.firstChild); }
      header.appendChild(button);
      button.addEventListener("click", function () { sort(table, column, header); });
    });
    var tools = table.parentNode.previousElementSibling;
    tools.hidden = false;
    var count = tools.querySelector("output");
    tools.querySelector("input").addEventListener("input", function (event) {
      var words = event.target.value.toLowerCase().split(/\s+/), left = 0;
      each(table.tBodies[0].rows, function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
        left += row.hidden ? 0 : 1;
      });
      count.textContent = count.dataset.many.replace("%", left);
    });
    var button = tools.querySelector(".copy"), label = button.textContent;
    button.addEventListener("click", function () {
      copy(asText(table), function () {
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = label; }, 1500);
      });
    });
  });
})();

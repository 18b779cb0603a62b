/**
 * The words by which people look for a place of help that does not hold them: names of other tools, plain speech, questions. By place
 * (search.ts), phrases set apart by commas, English before Chinese; both are found in either language. Pure.
 */
export const also: Readonly<Record<string, string>> = {
  'start#path': 'tutorial, getting started, quick start, tour, demo, 教程, 快速开始, 演示',
  'start#own': 'custom model, my model, own data, own dataset, 自己的数据, 自己的模型',
  'start#find': 'search, definition of a number, copy a number, tooltip, 搜索, 查找',

  'datasets#import':
    'add data, upload, load data, column mapping, map columns, csv, tsv, json lines, amazon reviews, movielens, 添加数据, 上传, 列映射',
  'datasets#split': 'train test split, hold out, partition, k-core, 数据划分, 训练测试划分',
  'datasets#checks':
    'leakage, data leakage, leak, leaking, information leak, duplicates, overlap of train and test, contamination, look-ahead, 泄漏, 泄露, 数据泄漏, 重复行, 穿越',
  'datasets#fingerprints': 'hash, checksum, version, same data, identity, 哈希, 校验和, 版本',
  'datasets#segments':
    'cold start, cold users, cold items, sparse users, long tail, popular items, user groups, buckets, 冷启动, 稀疏用户, 长尾, 用户组',
  'datasets#wrong': 'missing modality, missing pictures, missing features, remove a dataset, 缺失模态, 缺失特征',
  'datasets/temporal': 'temporal, chronological, time split, cut date, 按时间划分, 时间划分',
  'datasets/leave-one-out': 'loo, last item, 最后一个',
  'datasets/cold-item': 'cold start, new items, item cold start, 冷启动, 新物品',
  'datasets/cold-user': 'cold start, new users, user cold start, 冷启动, 新用户',
  'datasets/k-fold': 'cross validation, cross-validation, folds, cv, 交叉验证',

  'new-experiment#settings':
    'hyperparameter, hyper-parameter, hyperparameters, hyperparameter search, tuning, tune, grid search, random search, bayesian optimisation, bayesian optimization, optuna, sweep, sweeps, early stopping of trials, ablation, template, config file, yaml, 超参数搜索, 调参, 网格搜索, 随机搜索, 贝叶斯优化',
  'new-experiment#budget': 'fair comparison, fairness, equal budget, unequal, 公平比较, 预算',
  'new-experiment/epochs': 'training length, iterations, max epochs, 训练轮数',
  'new-experiment/patience': 'early stopping, early stop, stopping criterion, overfitting, 早停, 过拟合',
  'new-experiment/batchsize': 'minibatch, mini-batch, 批大小',
  'new-experiment/learningrate': 'lr, step size, 学习率',
  'new-experiment/width': 'embedding size, embedding dimension, latent dimension, dim, 嵌入维度',
  'new-experiment#seeds':
    'seed, seeds, random seed, random seeds, replicates, repetitions, repeats, how many seeds, number of seeds, randomness, reproducibility, 随机种子, 种子, 重复次数, 几个种子',
  'new-experiment#known': 'skip, skipped, already done, hatched, why not trained, cache, 跳过, 已训练, 斜线',
  'new-experiment#wrong': 'greyed out, cannot choose a model, disabled model, not applicable, 灰色, 不能选择',

  'queue#do': 'pause, resume, stop, cancel, discard, kill, reorder, priority, run next, hold, 暂停, 恢复, 停止, 取消, 排序, 优先',
  'queue#devices': 'several gpus, parallel, at the same time, concurrency, slots, 多显卡, 并行, 槽位',
  'queue#eta': 'eta, how long, remaining time, duration, estimate, estimating, 剩余时间, 多久',
  'queue#failures':
    'crash, error, exception, out of memory, oom, killed, nan, not a number, infinity, diverged, restart, power cut, 崩溃, 出错, 内存不足, 断电, 失败',
  'queue#wrong': 'out of memory, oom, stopped or failed, pruned, 内存不足',

  'runs#reading': 'best value, last value, maximum, value at best validation, 最佳值, 最后一轮',
  'runs#columns': 'computed column, custom column, hide a column, show a column, column width, 列宽, 自定义列',
  'runs#baseline': 'delta, difference to, reference run, pin, 差值, 固定',
  'runs#bulk': 'delete runs, restore, recover, multi-select, bulk, tag many, archive, trash, undelete, 删除运行, 恢复, 批量',
  'runs#external':
    'literature, paper values, published numbers, reported values, citation, cite, bibtex, results of my own model, 文献, 论文中的值, 报告值, 引用',
  'runs#imported': 'wandb, w&b, weights and biases, tfevents, event files, migrate, import logs, 导入日志, 迁移',
  'runs#wrong': 'empty cell, missing value, dash, why empty, not run, 空单元格, 为什么是空的',
  'query#examples': 'search runs, find runs, filter runs, sql, 查找运行, 筛选',
  'query#functions': 'formula, expression, calculate, arithmetic, 公式, 表达式',

  'run-detail#parts': 'log, console, checkpoint, environment, git, gpu memory, history of a run, 日志, 控制台, 检查点, 环境',
  'run-detail#verify': 'reproduce, reproducibility, repeat a run, bit for bit, 复现, 重现, 可重复',
  'run-detail#best-epoch': 'filled diamond, checkpoint selection, model selection, 实心菱形',
  'run-detail#wrong': 'loss differs, compare losses, reg_weight, 损失不同',

  'compare#comparable': 'comparability, fair, badge, not comparable, why no stars, 可比, 为什么没有星号',
  'compare#freeze': 'unlock test, show test values, see test values, lock, locked, 解锁测试, 显示测试值, 锁定',
  'compare#tabs': 'pareto, trade-off, parallel coordinates, importance, smoothing, outliers, log scale, 平行坐标, 帕累托, 平滑',
  'compare#segments': 'cold start, sparse users, long tail, popularity groups, 冷启动, 稀疏用户, 长尾',
  'compare#wrong': 'average over datasets, noise floor, 噪声水平',

  'statistics#mean': 'standard deviation, std, stdev, sd, variance, spread, plus minus, ±, average, n, 标准差, 方差, 均值',
  'statistics#designs': 'unit of analysis, paired, independent, which test, 配对, 选择哪个检验',
  'statistics#tests':
    'significance test, significance, significant, t-test, t test, student, permutation, nonparametric, non-parametric, 显著性检验, 显著性',
  'statistics/p': 'p-value, p value, pvalue, significance, significant, p值, p 值, 显著性',
  'statistics/adjusted': 'p-value, p value, adjusted p, corrected p, q-value, 校正p值, 校正后的 p',
  'statistics/minimum':
    'noise floor, noise between seeds, seed noise, minimum difference, smallest effect, practical significance, 噪声, 噪声水平, 最小差异',
  'statistics/interval': 'confidence interval, ci, error bar, error bars, 置信区间, 误差棒',
  'statistics/relative': 'improvement, improvement in per cent, percent gain, 提升, 相对提升',
  'statistics/d-z': 'effect size, cohen, cohen’s d, 效应量',
  'statistics/d': 'effect size, cohen, cohen’s d, 效应量',
  'statistics/rank-biserial': 'effect size, 效应量',
  'statistics#stars': 'asterisk, star, stars, dagger, †, significant, significance stars, why no star, 星号, 显著, 为什么没有星号',
  'statistics#correction':
    'multiple testing, multiple comparisons, bonferroni, fdr, false discovery rate, family-wise, fwer, bh, 多重比较, 多重检验',
  'statistics#ranks': 'critical difference diagram, cd diagram, average rank, several datasets, 临界差异图, 平均排名',
  'statistics#resplits': 'cross validation, cross-validation, corrected t, repeated splits, 交叉验证',
  'statistics#intervals':
    'error bar, error bars, confidence interval, confidence band, ci, band, shaded area, t quantile, 误差棒, 置信区间, 置信带, 阴影',

  'metrics#accuracy': 'auc, top-k, topk, top k, cut-off, cutoff, accuracy, 准确, 截断',
  'metrics/recall': 'sensitivity, r@20, 召回',
  'metrics/ndcg': 'n@20, discounted cumulative gain, 折损累计增益',
  'metrics/map': 'mean average precision, 平均精度',
  'metrics#beyond': 'diversity, serendipity, popularity bias, cost, 多样性, 流行度偏差, 代价',
  'metrics/hitrate': 'hit rate, hit ratio, hit, hr, 命中率',
  'metrics/mrr': 'reciprocal rank, mean reciprocal rank, 倒数排名',
  'metrics/coverage': 'aggregate diversity, catalogue coverage, catalog coverage, 覆盖率',
  'metrics/gini': 'inequality, concentration, popularity bias, 不平等, 集中度',
  'metrics/popularity': 'popularity bias, 流行度偏差',
  'metrics/tail': 'long tail, 长尾',
  'metrics/ils:each modality': 'diversity, intra-list similarity, ils, 多样性, 列表内相似度',
  'metrics#wrong': 'full ranking, sampled metrics, sampled negatives, 100 negatives, ties, 全排序, 采样指标',

  'protocol#presets':
    'full ranking, evaluation, evaluation protocol, negative sampling, mmrec protocol, test-selected, 评估协议, 负采样, 全排序',
  'protocol#freeze':
    'why masked, why hidden, why locked, masked, hidden test values, test set, test leakage, p-hacking, cherry-picking, 遮盖, 为什么遮盖, 为什么隐藏, 测试集',
  'protocol#nested': 'nested cross validation, selection bias, winner’s curse, 嵌套, 选择偏差',
  'protocol#candidates': 'cold start, new items, zero-shot items, 冷启动, 新物品',
  'protocol#next-item': 'sequential, session, sequence, bbqrec, 序列推荐, 会话',
  'protocol#inferred': 'diamond, hollow diamond, our reading, reproduction, 菱形, 空心菱形, 推断',

  'recommendations#lists': 'top 10, hits, list of a user, explanation, contribution, 命中, 推荐列表',
  'recommendations#item': 'similar items, neighbours, neighbors, receivers, 相似物品, 近邻',
  'recommendations#blind': 'blind, vote, anonymous, a/b, human evaluation, 盲评, 投票, 匿名',
  'recommendations#wins': 'per-user difference, failure cases, case study, 案例, 差异最大',

  'export#first': 'paper table, tex, word, markdown, clipboard, copy a table, 论文表格, 剪贴板',
  'export#content': 'caption, digits, decimals, rounding, 题注, 小数, 位数',
  'export#wide': 'landscape, table too wide, resizebox, small font, 表格太宽, 横排',
  'export#figures': 'plot, chart, save a chart, png, svg, vector, eps, pgf, 图表, 矢量图, 保存图',
  'export#bundle': 'artifact, supplementary, archive, zip, share results, 补充材料, 复现包, 共享',

  'settings#devices': 'gpu, cuda, nvidia, driver, tensorflow, doctor, slow, accelerator, 显卡, 驱动, 加速',
  'settings#storage': 'disk, disk space, free space, trash, purge, 磁盘, 空间, 回收站',
  'settings#privacy': 'offline, telemetry, tracking, account, network, internet, proxy, update, updates, 离线, 遥测, 联网, 更新',
  'settings#notifications': 'alert, sound, 提醒',
  'settings#wrong': 'backup, back up, move the data folder, copy the data, 备份, 移动数据',
  'settings#appearance':
    'dark mode, dark theme, light mode, theme, language, chinese, font size, zoom, density, colour-blind, high contrast, reduced motion, 深色, 主题, 语言, 字号, 缩放, 色盲, 减少动画',

  'models#own': 'custom model, plugin, add a model, typescript, python model, 自定义模型, 添加模型',
  'models#marks': 'diamond, hollow diamond, inferred, published, released, 菱形, 空心菱形, 推断',
  'keyboard#menus': 'context menu, right click, drag, accessibility, screen reader, 右键菜单, 拖动, 无障碍, 读屏',
  keyboard: 'shortcuts, hotkeys, key bindings, 快捷键',
};
